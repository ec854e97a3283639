import type { Gap, GapReason } from '@kubidu/contracts';

import { Batch } from './batch.ts';
import type { Head, Page, ReadRange } from './log-store.ts';
import { Passed } from './passed.ts';

/** Characters of a page beyond which it ends early: lines may be a quarter of a megabyte, and a page is held in memory. */
export const PAGE_SIZE = 8 * 1024 * 1024;

/**
 * The page that `range` asks for, cut from batches, and from what was passed over between them, that are ascending, do not
 * overlap, and reach as far as the range needs; where they leave a hole, the page says so. Those that do not reach so far
 * are not `whole`: the page ends with them. For stores: what they read is more than was asked for.
 */
export function pageOf(parts: readonly (Batch | Passed)[], head: Head, range: ReadRange, whole = true): Page {
  if (range.limit <= 0) return { ...head, batches: [], gaps: [] };
  const { after, through } = window(head, range);
  const kept: (Batch | Passed)[] = [];
  let room = range.limit;
  let size = 0;
  const forward = range.after !== undefined;
  for (const all of forward ? parts : parts.toReversed()) {
    const within = all.slice(after, through);
    if (!within) continue;
    const part = within instanceof Passed ? within : nearest(within, room, forward);
    if (!part) break;
    kept.push(part);
    if (part instanceof Passed) continue;
    room -= part.count;
    size += part.size;
    if (room <= 0 || size >= PAGE_SIZE) break;
  }
  if (!forward) kept.reverse();
  const full = room <= 0 || size >= PAGE_SIZE || !whole;
  const from = full && !forward ? (kept[0]?.first ?? 1) : after + 1;
  const to = full && forward ? (kept.at(-1)?.last ?? 0) : through;
  const passed = kept.filter((part) => part instanceof Passed);
  return {
    ...head,
    batches: kept.filter((part) => part instanceof Batch),
    gaps: holes(kept, from, to, head.gone ?? 'trimmed'),
    ...(passed.length > 0 && { passed }),
  };
}

/** At most `room` of a batch's entries: its first ones, or its last. */
function nearest(batch: Batch, room: number, forward: boolean): Batch | undefined {
  return forward ? batch.slice(0, batch.first + room - 1) : batch.slice(Math.max(0, batch.last - room), batch.last);
}

/** The indexes a range speaks of: what is after `after`, up to `through`. */
function window(head: Head, range: ReadRange): { after: number; through: number } {
  if (range.after !== undefined) return { after: range.after, through: head.lastIndex };
  return { after: 0, through: Math.min(range.before - 1, head.lastIndex) };
}

/** What `from`…`to` lacks in the parts. */
function holes(parts: readonly (Batch | Passed)[], from: number, to: number, reason: GapReason): Gap[] {
  const gaps: Gap[] = [];
  let next = from;
  for (const { first, last } of parts) {
    if (first > next) gaps.push({ from: next, to: first - 1, reason });
    next = last + 1;
  }
  if (next <= to) gaps.push({ from: next, to, reason });
  return gaps;
}
