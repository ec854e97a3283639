import type { Batch } from '../batch.ts';
import { PAGE_SIZE } from '../page.ts';
import { Passed } from '../passed.ts';
import type { Segment } from './cover.ts';
import type { ArchiveReadRange, Sifted } from './log-archive.ts';
import type { ObjectReader, Step } from './object-reader.ts';

/** Objects whose members are looked up at once. */
const OBJECTS_AT_ONCE = 8;
/** Members that are fetched at once: about one page. */
const MEMBERS_AT_ONCE = 8;
/** Objects that one read with a sieve looks at, so that whoever searches hears of it, and can stop. */
const OBJECTS_A_READ = 64;

/**
 * The entries of a range, as a cover tells where they are. With a sieve it ends behind so many objects, or where it has
 * so many entries, and says whether it reached the end. @throws {ObjectGone}, and the reason of an aborted signal
 */
export async function walkObjects(
  reader: ObjectReader,
  cover: readonly Segment[],
  range: ArchiveReadRange,
): Promise<Sifted> {
  const forward = range.after !== undefined;
  const segments = wanted(cover, range);
  const near = segments.slice(0, range.sieve ? OBJECTS_A_READ : undefined);
  const found: (Batch | Passed)[] = [];
  let size = 0;
  let room = range.limit;
  for await (const part of nearest(reader, near, range)) {
    found.push(part);
    if (part instanceof Passed) continue;
    size += part.size;
    room -= part.count;
    if (size >= PAGE_SIZE || room <= 0) break;
  }
  const last = forward ? found.at(-1)?.last : found.at(-1)?.first;
  const end = forward ? segments.at(-1)?.to : segments.at(-1)?.from;
  return { parts: forward ? found : found.reverse(), whole: last === end };
}

/** The entries of segments, in their order; what is next is fetched together. */
async function* nearest(
  reader: ObjectReader,
  segments: readonly Segment[],
  { after, limit, sieve, signal }: ArchiveReadRange,
): AsyncGenerator<Batch | Passed> {
  // With a sieve nobody knows how far one has to go: a little at first, so that what is near comes soon.
  let objects = sieve ? 1 : OBJECTS_AT_ONCE;
  for (let at = 0; at < segments.length;) {
    signal?.throwIfAborted();
    const group = segments.slice(at, at + objects);
    const steps = await Promise.all(group.map((segment) => reader.steps(segment, after !== undefined, sieve)));
    for (const chunk of chunks(steps.flat(), limit)) {
      signal?.throwIfAborted();
      for (const parts of await Promise.all(chunk.map((step) => reader.take(step)))) yield* parts;
    }
    at += group.length;
    objects = Math.min(objects * 2, OBJECTS_AT_ONCE);
  }
}

/** Steps that are taken together: of so many members, or with so many entries. */
function chunks(steps: readonly Step[], limit: number): Step[][] {
  const found: Step[][] = [];
  let chunk: Step[] = [];
  let members = 0;
  let entries = 0;
  for (const step of steps) {
    chunk.push(step);
    if (!(step instanceof Passed)) {
      members += step.pieces.length;
      entries += step.to - step.from + 1;
    }
    if (members < MEMBERS_AT_ONCE && entries < limit) continue;
    found.push(chunk);
    chunk = [];
    members = entries = 0;
  }
  return chunk.length > 0 ? [...found, chunk] : found;
}

/** The parts of a cover that a range needs, nearest first, cut to its limit; with a sieve nobody knows where that is. */
function wanted(cover: readonly Segment[], range: ArchiveReadRange): Segment[] {
  const found: Segment[] = [];
  const forward = range.after !== undefined;
  let room = range.sieve ? Infinity : range.limit;
  for (const { object, from, to } of forward ? cover : cover.toReversed()) {
    if (room <= 0) break;
    const begin = forward ? Math.max(from, range.after + 1) : from;
    const end = forward ? to : Math.min(to, range.before - 1);
    if (begin > end) continue;
    const cut = forward
      ? { object, from: begin, to: Math.min(end, begin + room - 1) }
      : { object, from: Math.max(begin, end - room + 1), to: end };
    found.push(cut);
    room -= cut.to - cut.from + 1;
  }
  return found;
}
