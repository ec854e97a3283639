import type { Gap } from '@kubidu/contracts';
import { Excerpt, LogsError, scan } from '@kubidu/core';
import type { QueryFilter, ReadRange, Stretch } from '@kubidu/core';

/** Entries looked at in one step: what a reader who takes nothing keeps in memory, or 8 MiB where they are large. */
const STEP = 5_000;

/**
 * What a filter selects of a stream up to an index, in order, with what can no longer be had. No more is read than is
 * taken. @throws whatever `read` throws, the signal's reason, and {@link LogsError} UNAVAILABLE where entries are no longer there and
 * nothing says why: it never just ends early.
 */
export async function* wholeStream(
  read: (range: ReadRange) => Promise<Stretch>,
  through: number,
  filter: QueryFilter,
  signal: AbortSignal,
): AsyncGenerator<Excerpt | Gap> {
  for (let after = 0; after < through;) {
    const limit = Math.min(STEP, through - after);
    const { parts, edge } = await scan(read, { after, limit }, filter, { most: STEP, signal });
    if (edge <= after) throw new LogsError('UNAVAILABLE', `the entries behind ${after} are no longer there`);
    for (const part of parts) {
      const within = part instanceof Excerpt ? upTo(part, through) : cut(part, after, through);
      if (within) yield within;
    }
    after = edge;
  }
}

function upTo(excerpt: Excerpt, through: number): Excerpt | undefined {
  const count = excerpt.indexes.filter((index) => index <= through).length;
  return count === 0 ? undefined : excerpt.take(count, 'first');
}

function cut(gap: Gap, after: number, through: number): Gap | undefined {
  const [from, to] = [Math.max(gap.from, after + 1), Math.min(gap.to, through)];
  return from > to ? undefined : { ...gap, from, to };
}
