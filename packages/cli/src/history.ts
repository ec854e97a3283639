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
 * The part of a stream between its first entry from `sinceMs` on and its last one up to `untilMs`; the server finds both by
 * its index of times. Entries in between may be of other times, since clocks of pods differ: see {@link matcher}.
 */
export async function within(
  api: HttpApi,
  stream: StreamId,
  { sinceMs, untilMs }: Pick<Selection, 'sinceMs' | 'untilMs'>,
  head: Head,
  signal: AbortSignal,
): Promise<Head> {
  const time = {
    ...(sinceMs !== undefined && { since: moment(sinceMs) }),
    // The server's `until` is the first moment that is too late; nobody's clock is finer here than a millisecond.
    ...(untilMs !== undefined && { until: moment(untilMs + 1) }),
  };
  let { firstIndex, lastIndex } = head;
  if (sinceMs !== undefined) {
    let after: number | undefined = firstIndex - 1;
    let found: LogEntry | undefined;
    while (found === undefined && after !== undefined && after < lastIndex) {
      const page: LogPage = await api.logs(stream, { after, limit: 1, ...time }, signal);
      found = page.entries[0];
      after = page.next;
    }
    firstIndex = Math.min(found?.index ?? Infinity, lastIndex + 1);
  }
  if (untilMs !== undefined) {
    let before: number | undefined = lastIndex + 1;
    let found: LogEntry | undefined;
    while (found === undefined && before !== undefined && before > firstIndex) {
      const page: LogPage = await api.logs(stream, { before, limit: 1, ...time }, signal);
      found = page.entries.at(-1);
      before = page.previous;
    }
    lastIndex = Math.max(found?.index ?? 0, firstIndex - 1);
  }
  return { firstIndex, lastIndex };
}

/** What a server can read: a year of four digits. */
function moment(ms: number): string {
  return new Date(Math.min(Math.max(ms, 0), LATEST_MS)).toISOString();
}

const LATEST_MS = Date.parse('9999-12-31T23:59:59.999Z');

/**
 * The index after which to start so that everything selected follows: looks backwards from the end of `head` where it has
 * to count what matches; `onLooked` hears of how far back it is.
 */
export async function startOf(
  api: HttpApi,
  stream: StreamId,
  selection: Selection,
  head: Head,
  signal: AbortSignal,
  onLooked?: (index: number) => void,
): Promise<number> {
  const { lines } = selection;
  const floor = Math.max(selection.afterIndex ?? 0, head.firstIndex - 1);
  // Asked for by index, what is gone is a gap to be told; otherwise the log begins where it begins.
  const least = selection.sinceMs === undefined ? (selection.afterIndex ?? floor) : floor;
  const matches = matcher(selection);
  if (lines === 0) return head.lastIndex;
  if (matches === undefined && selection.query === undefined)
    return lines === undefined || head.lastIndex - lines <= floor ? least : head.lastIndex - lines;
  if (lines === undefined) return least;
  let wanted = lines;
  for (let before = head.lastIndex + 1; before > floor + 1;) {
    const limit = Math.min(LIMITS.pageEntries, before - 1 - floor);
    const { entries, previous } = await api.logs(stream, { before, limit, query: selection.query }, signal);
    for (let i = entries.length - 1; i >= 0; i--) {
      const entry = entries[i] as LogEntry;
      if (matches?.(entry) !== false && --wanted === 0) return Math.max(floor, entry.index - 1);
    }
    if (previous === undefined) break;
    before = previous;
    onLooked?.(before);
  }
  return least;
}

/** Which part of a stream, and which of its entries. */
interface Stretch {
  readonly after: number;
  readonly through: number;
  readonly query?: string | undefined;
  /** Hears up to where pages have come. */
  readonly onReached?: ((index: number) => void) | undefined;
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
  { after, through, query, onReached }: Stretch,
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
    onReached?.(reached);
    next = reached <= from ? undefined : get(reached);
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
