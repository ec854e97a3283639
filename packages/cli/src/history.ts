import type { HttpApi } from '@kubidu/client/http';
import type { Gap, LogEntry, LogPage, StreamId } from '@kubidu/contracts';
import { LIMITS } from '@kubidu/contracts/limits';

import { matcher } from './selection.ts';
import type { Selection } from './selection.ts';

/** The first and the last index of a stream. */
export interface Head {
  readonly firstIndex: number;
  readonly lastIndex: number;
}

/**
 * How much older than asked a whole page must be before nothing older is looked for: clocks of pods differ by seconds,
 * and lines are stored in the order they came.
 */
const CLOCKS_MS = 60_000;

/** The index after which to start so that everything selected follows: reads backwards until that is sure. */
export async function startOf(
  api: HttpApi,
  stream: StreamId,
  selection: Selection,
  head: Head,
  signal: AbortSignal,
): Promise<number> {
  const { lines, sinceMs } = selection;
  const floor = Math.max(selection.afterIndex ?? 0, head.firstIndex - 1);
  // Asked for by index, what is gone is a gap to be told; otherwise the log begins where it begins.
  const least = selection.afterIndex ?? floor;
  const matches = matcher(selection);
  if (lines === 0) return head.lastIndex;
  if (matches === undefined && selection.query === undefined)
    return lines === undefined || head.lastIndex - lines <= floor ? least : head.lastIndex - lines;
  if (lines === undefined && sinceMs === undefined) return least;
  let wanted = lines ?? Infinity;
  for (let before = head.lastIndex + 1; before > floor + 1;) {
    const limit = Math.min(LIMITS.pageEntries, before - 1 - floor);
    const { entries, previous } = await api.logs(stream, { before, limit, query: selection.query }, signal);
    for (let i = entries.length - 1; i >= 0; i--) {
      const entry = entries[i] as LogEntry;
      if (matches?.(entry) !== false && --wanted === 0) return Math.max(floor, entry.index - 1);
    }
    if (previous === undefined) break;
    before = previous;
    const old = sinceMs !== undefined && entries.length > 0 && entries.every(olderThan(sinceMs - CLOCKS_MS));
    if (old) return Math.max(floor, before - 1);
  }
  return least;
}

/** Which part of a stream, and which of its entries. */
interface Stretch {
  readonly after: number;
  readonly through: number;
  readonly untilMs?: number | undefined;
  readonly query?: string | undefined;
}

/** A piece of a stream: entries, or indexes that can no longer be had. */
export type Piece =
  { readonly entries: LogEntry[]; readonly gap?: undefined } | { readonly gap: Gap; readonly entries?: undefined };

/**
 * What a stream holds after `after` up to `through`, in order, of which the query matches; the next page is on its way
 * while one is printed.
 */
export async function* pieces(
  api: HttpApi,
  stream: StreamId,
  { after, through, untilMs, query }: Stretch,
  signal: AbortSignal,
): AsyncGenerator<Piece, void, undefined> {
  const get = (from: number): Promise<LogPage> | undefined => {
    if (from >= through) return undefined;
    const page = api.logs(stream, { after: from, limit: Math.min(LIMITS.pageEntries, through - from), query }, signal);
    page.catch(() => undefined); // looked at when its turn comes; unless the reader left
    return page;
  };
  let from = after;
  for (let next = get(from); next !== undefined;) {
    const { entries: found, gaps, next: further } = await next;
    // Looking for what matches, a page goes as far as the stream does, which may have grown.
    const entries = query === undefined ? found : found.filter(({ index }) => index <= through);
    const last = query === undefined ? 0 : (further ?? through);
    const reached = Math.max(entries.at(-1)?.index ?? 0, gaps.at(-1)?.to ?? 0, last);
    const over = untilMs !== undefined && entries.length > 0 && entries.every(newerThan(untilMs + CLOCKS_MS));
    next = reached <= from || over ? undefined : get(reached);
    yield* inOrder(entries, gaps, from);
    from = reached;
  }
}

/** Entries and gaps of a page by index. */
function* inOrder(entries: LogEntry[], gaps: readonly Gap[], after: number): Generator<Piece, void, undefined> {
  let rest = entries;
  for (const gap of gaps) {
    if (gap.to <= after) continue;
    const split = rest.findIndex(({ index }) => index > gap.from);
    const before = split === -1 ? rest : rest.slice(0, split);
    if (before.length > 0) yield { entries: before };
    yield { gap: { ...gap, from: Math.max(gap.from, after + 1) } };
    rest = rest.slice(before.length);
  }
  if (rest.length > 0) yield { entries: rest };
}

function olderThan(ms: number): (entry: LogEntry) => boolean {
  return (entry) => Date.parse(entry.timestamp) < ms;
}

function newerThan(ms: number): (entry: LogEntry) => boolean {
  return (entry) => Date.parse(entry.timestamp) > ms;
}
