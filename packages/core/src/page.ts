import type { Gap, GapReason } from '@kubidu/contracts';

import type { Batch } from './batch.ts';
import type { Head, Page, ReadRange } from './log-store.ts';

/** Characters of a page beyond which it ends early: lines may be a quarter of a megabyte, and a page is held in memory. */
export const PAGE_SIZE = 8 * 1024 * 1024;

/**
 * The page that `range` asks for, cut from batches that are ascending, do not overlap, and reach as far as the range
 * needs; where they leave a hole, the page says so. For stores: what they read is more than was asked for.
 */
export function pageOf(batches: readonly Batch[], head: Head, range: ReadRange): Page {
  if (range.limit <= 0) return { ...head, batches: [], gaps: [] };
  const { after, through } = window(head, range);
  const kept: Batch[] = [];
  let room = range.limit;
  let size = 0;
  const forward = range.after !== undefined;
  for (const batch of forward ? batches : batches.toReversed()) {
    const within = batch.slice(after, through);
    if (!within) continue;
    const part = forward
      ? within.slice(0, within.first + room - 1)
      : within.slice(Math.max(0, within.last - room), within.last);
    if (!part) break;
    kept.push(part);
    room -= part.lines.length;
    for (const line of part.lines) size += line.length;
    if (room <= 0 || size >= PAGE_SIZE) break;
  }
  if (!forward) kept.reverse();
  const full = room <= 0 || size >= PAGE_SIZE;
  const from = full && !forward ? (kept[0]?.first ?? 1) : after + 1;
  const to = full && forward ? (kept.at(-1)?.last ?? 0) : through;
  return { ...head, batches: kept, gaps: holes(kept, from, to, head.gone ?? 'trimmed') };
}

/** The indexes a range speaks of: what is after `after`, up to `through`. */
function window(head: Head, range: ReadRange): { after: number; through: number } {
  if (range.after !== undefined) return { after: range.after, through: head.lastIndex };
  return { after: 0, through: Math.min(range.before - 1, head.lastIndex) };
}

/** What `from`…`to` lacks in the batches. */
function holes(batches: readonly Batch[], from: number, to: number, reason: GapReason): Gap[] {
  const gaps: Gap[] = [];
  let next = from;
  for (const { first, last } of batches) {
    if (first > next) gaps.push({ from: next, to: first - 1, reason });
    next = last + 1;
  }
  if (next <= to) gaps.push({ from: next, to, reason });
  return gaps;
}
