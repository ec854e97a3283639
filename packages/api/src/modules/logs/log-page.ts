import { LIMITS } from '@kubidu/contracts';
import type { LogPage, Outcome, StreamId } from '@kubidu/contracts';
import { Excerpt, scan } from '@kubidu/core';
import type { LogStore, Page, QueryFilter, ReadRange } from '@kubidu/core';

/** A page as it is answered, and how the stream ended. */
export type EndedPage = LogPage & { readonly ended?: Outcome | undefined };

/** The page with where to go on: `next` while there is something behind it, `previous` while there is before it. */
export function logPage(page: Page, { after, before }: ReadRange): EndedPage {
  const { batches, gaps, firstIndex, lastIndex, ended } = page;
  const begins = Math.min(...batches.map(({ first }) => first), ...gaps.map(({ from }) => from));
  const ends = Math.max(...batches.map(({ last }) => last), ...gaps.map(({ to }) => to));
  const empty = before === undefined ? Math.min(after, lastIndex) : Math.min(before - 1, lastIndex);
  const from = Number.isFinite(begins) ? begins : empty + 1;
  const to = Number.isFinite(ends) ? ends : empty;
  const entries = batches.flatMap((batch) => batch.entries());
  return { entries, firstIndex, lastIndex, gaps: [...gaps], ...neighbours(from, to, page), ended };
}

/** A page of what matches. It ends where it is full, where the stream is, or when enough was looked at. */
export async function matchingPage(
  store: LogStore,
  stream: StreamId,
  range: ReadRange,
  filter: QueryFilter,
): Promise<EndedPage> {
  let head = await store.head(stream);
  const read = async (one: ReadRange): Promise<Page> => {
    const page = await store.read(stream, one);
    head = page;
    return page;
  };
  const { parts, edge } = await scan(read, range, filter, { most: LIMITS.scanEntries });
  const { firstIndex, lastIndex, ended } = head;
  const forward = range.after !== undefined;
  const from = forward ? Math.min(range.after, lastIndex) + 1 : Math.min(edge, lastIndex + 1);
  const to = Math.min(forward ? edge : range.before - 1, lastIndex);
  return {
    entries: parts.flatMap((part) => (part instanceof Excerpt ? part.entries() : [])),
    firstIndex,
    lastIndex,
    gaps: parts.flatMap((part) => (part instanceof Excerpt ? [] : [part])),
    ...neighbours(from, to, head),
    ended,
  };
}

function neighbours(from: number, to: number, { firstIndex, lastIndex }: Pick<Page, 'firstIndex' | 'lastIndex'>) {
  return { ...(to < lastIndex && { next: Math.max(to, 0) }), ...(from > firstIndex && { previous: from }) };
}
