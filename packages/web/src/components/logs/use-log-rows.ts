import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual';
import type { Range } from '@tanstack/react-virtual';
import { useCallback, useEffectEvent, useLayoutEffect, useReducer, useState } from 'react';
import type { RefObject, UIEvent } from 'react';

import { indexOf, keyOf } from './model/row-space.ts';
import type { Row, RowSpace } from './model/row-space.ts';
import { rowBeyond } from './row-beyond.ts';
import { heightBeyond, leavesSlice, sliceAround, sliceAtEnd } from './row-slice.ts';
import type { RowSlice } from './row-slice.ts';
import { ScrollPlace } from './scroll-place.ts';
import type { RowVirtualizer } from './scroll-place.ts';

/** Height of a row that is one line, in pixels: row.css has the same. */
export const LINE = 20;

/** Rows drawn beyond those in sight, on each side. */
const OVERSCAN = 12;

export interface LogRowsOptions {
  readonly rows: RowSpace;
  readonly scroller: RefObject<HTMLDivElement | null>;
  /** Whether the newest row is kept in sight. */
  readonly following: boolean;
  /** Indexes whose rows stay where they are in the document: they hold what is selected. */
  readonly pinned: readonly number[];
  /** Height of a row before it was measured. Stays the same function while it says the same. */
  readonly estimate: (index: number) => number;
  /** The rows that are seen changed. */
  readonly onSee: (first: number, last: number) => void;
  /** Somebody scrolled to the end, or away from it. */
  readonly onEnd: (atEnd: boolean) => void;
}

/** A place to scroll to: an index, and how far below the upper edge it shall stand; in the middle where that is absent. */
export interface Target {
  readonly index: number;
  readonly below: number | undefined;
}

/** A row that is drawn. */
export interface PlacedRow {
  readonly key: number | string | bigint;
  readonly row: number;
  /** The row counted in its slice; -1 outside of it. */
  readonly place: number;
  /** Where it begins, in pixels; undefined out of sight: it is drawn for what is selected in it. */
  readonly start: number | undefined;
}

export interface LogRowsLayout {
  readonly items: readonly PlacedRow[];
  readonly height: number;
  /** The first row in sight. */
  readonly first: number;
  readonly measure: (row: HTMLElement | null) => void;
  readonly onScroll: (event: UIEvent<HTMLDivElement>) => void;
  /** Brings an index into view; into the middle, unless `below` says how far below the upper edge. */
  readonly reveal: (index: number, below?: number) => void;
  /** What was revealed need not be kept in its place any more: its reader does something that moves rows. */
  readonly letGo: () => void;
  /** The first row in sight and where it stands. */
  readonly top: () => Target | undefined;
}

/**
 * Which rows to draw where. The browser scrolls a slice of the rows, pixel by pixel; when one comes near its end, the
 * slice moves on and what one reads stays where it is. So neither heights nor the work of a frame grow with the log.
 */
export function useLogRows(options: LogRowsOptions): LogRowsLayout {
  const { rows, scroller, following, estimate, onSee, onEnd } = options;
  const { slice, target, setCenter, reveal } = useSlice(options);
  const { start, end } = slice;
  const virtualizer = useSliceVirtualizer(options, slice);
  const height = virtualizer.getTotalSize();
  const [scrolled] = useState(() => new ScrollPlace());
  const arriving = !following && scrolled.isDue(target);
  useEndInSight(scroller, following, rows, `${height} ${virtualizer.scrollRect?.height}`, scrolled);
  useTarget(target, { rows, start, height, virtualizer, scrolled });

  // Before the range is asked for: it is worked out with them, and was that of another slice until then.
  const items = placedRows(virtualizer, options, slice);
  const seen = visible(virtualizer.range, following, end - start);
  const [first, last] = [start + seen.first, start + seen.last];
  const isBeyond = beyondSlice(virtualizer, virtualizer.scrollOffset ?? 0) !== undefined;
  const rowBeyondSlice = (offset: number) => {
    const beyond = beyondSlice(virtualizer, offset);
    return beyond && rowBeyond({ rows, start, end, estimate, ...beyond });
  };
  const followBeyond = useEffectEvent(() => {
    const there = rowBeyondSlice(virtualizer.scrollOffset ?? 0);
    if (there !== undefined) reveal(there.index, there.below);
  });
  useLayoutEffect(() => {
    // Before it scrolled to where it shall be, what is in sight means nothing.
    if (rows.length === 0 || arriving) return;
    onSee(first, last);
    if (!following && isBeyond) followBeyond();
    else if (!following && leavesSlice({ start, end }, first, last, rows.length))
      setCenter(indexOf(rows.at(Math.min(rows.length - 1, Math.floor((first + last) / 2)))));
  }, [first, last, rows, start, end, following, arriving, isBeyond, onSee, setCenter]);

  return {
    first,
    height,
    items,
    measure: virtualizer.measureElement,
    top: () => topOf(virtualizer, rows, start),
    reveal,
    letGo: scrolled.letGo,
    onScroll: ({ currentTarget }) => {
      scrolled.letGoIfScrolled(virtualizer);
      const moved = scrolled.moved(currentTarget);
      const { scrollTop, scrollHeight, clientHeight } = currentTarget;
      const seesEnd = end === rows.length && scrollTop + clientHeight >= scrollHeight - 2;
      const atEnd = seesEnd || rowBeyondSlice(scrollTop)?.atEnd === true;
      if (following && moved === 'up' && !atEnd) onEnd(false);
      // Only who scrolls there means it: a list that became shorter ends in sight by itself.
      else if (!following && moved === 'down' && atEnd) onEnd(true);
    },
  };
}

/** The slice around where one reads, or goes to; around the end while one follows it, and from there on when one stops. */
function useSlice({ rows, following }: LogRowsOptions): {
  slice: RowSlice;
  target: Target | undefined;
  setCenter: (index: number) => void;
  reveal: LogRowsLayout['reveal'];
} {
  const [target, setTarget] = useState<Target>();
  const [said, setCenter] = useState<number>();
  const [wasFollowing, setWasFollowing] = useState(following);
  const end = rows.length === 0 ? 1 : indexOf(rows.at(rows.length - 1));
  // Whoever stops following in order to go somewhere said where already.
  const center = wasFollowing === following ? said : following ? undefined : (said ?? end);
  if (wasFollowing !== following) {
    // Already this pass has the slice: in one far from what is read, the virtualizer would lose the place of that.
    setWasFollowing(following);
    setCenter(center);
  }
  const slice = following ? sliceAtEnd(rows) : sliceAround(rows, rows.rowOf(center ?? 1));
  const reveal = useCallback((index: number, below?: number) => {
    setCenter(index);
    setTarget({ index, below });
  }, []);
  return { slice, target, setCenter, reveal };
}

function useSliceVirtualizer(options: LogRowsOptions, { start, end }: RowSlice): RowVirtualizer {
  const { rows, scroller, following, pinned, estimate } = options;
  const held = pinned.map((index) => rows.rowOf(index) - start);
  // eslint-disable-next-line react-hooks/incompatible-library -- nothing here is memoised by the compiler
  return useVirtualizer<HTMLDivElement, HTMLElement>({
    count: end - start,
    getScrollElement: () => scroller.current,
    estimateSize: (place) => estimate(indexOf(rows.at(start + place))),
    // A new function makes it lay out anew: the rows, or what they are estimated at, changed.
    getItemKey: useCallback((place: number) => placeKey(rows.at(start + place), estimate), [rows, start, estimate]),
    indexAttribute: 'data-row',
    overscan: OVERSCAN,
    // Nothing is drawn there, yet one may scroll there: by more than a slice is high.
    paddingStart: heightBeyond(start, LINE),
    paddingEnd: heightBeyond(rows.length - end, LINE),
    // The end is kept in sight by us: two that correct the same place would take turns.
    anchorTo: following ? 'start' : 'end',
    rangeExtractor: (range) => extracted(range, following, held),
  });
}

/** Keeps the last row in sight while one follows, whenever a row or a height changed. */
function useEndInSight(
  scroller: RefObject<HTMLDivElement | null>,
  following: boolean,
  rows: RowSpace,
  heights: string,
  scrolled: ScrollPlace,
): void {
  useLayoutEffect(() => {
    if (scroller.current !== null && following) scrolled.toEnd(scroller.current);
  }, [following, scroller, rows, heights, scrolled]);
}

interface TargetContext {
  readonly rows: RowSpace;
  readonly start: number;
  /** Of all rows of the slice: another one means that some were measured. */
  readonly height: number;
  readonly virtualizer: RowVirtualizer;
  readonly scrolled: ScrollPlace;
}

/** Scrolls to a target in the frame in which it is set, and keeps it there while the rows around it are being measured. */
function useTarget(target: Target | undefined, { rows, start, height, virtualizer, scrolled }: TargetContext): void {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  useLayoutEffect(() => {
    if (target === undefined || rows.length === 0) return;
    const place = rows.rowOf(target.index) - start;
    const item = virtualizer.measurementsCache[place];
    if (item === undefined) return;
    const below = target.below ?? ((virtualizer.scrollRect?.height ?? 0) - item.size) / 2;
    if (scrolled.to(item.start - below, virtualizer, { why: target, place, slice: start })) redraw();
  }, [target, rows, start, height, virtualizer, scrolled]);
}

/** Those in sight and around it, and out of sight those that hold what is selected, however far away they are. */
function placedRows(
  virtualizer: RowVirtualizer,
  { rows, pinned }: LogRowsOptions,
  { start, end }: RowSlice,
): PlacedRow[] {
  const placed: PlacedRow[] = virtualizer
    .getVirtualItems()
    .map(({ key, index, start: top }) => ({ key, row: start + index, place: index, start: top }));
  const afar = pinned.map((index) => rows.rowOf(index)).filter((row) => row < start || row >= end);
  for (const row of new Set(afar)) {
    if (row < rows.length) placed.push({ key: keyOf(rows.at(row)), row, place: -1, start: undefined });
  }
  return afar.length === 0 ? placed : placed.sort((a, b) => a.row - b.row);
}

/** Where one is who scrolled until nothing of a slice is in sight; undefined where some of it is. */
function beyondSlice(virtualizer: RowVirtualizer, offset: number) {
  const { paddingStart, paddingEnd } = virtualizer.options;
  const [total, height] = [virtualizer.getTotalSize(), virtualizer.scrollRect?.height ?? 0];
  const [above, below] = [paddingStart - offset, offset - (total - paddingEnd)];
  if (paddingStart > 0 && above >= height) return { above, height, isFarthest: offset <= 0 };
  if (paddingEnd > 0 && below >= 0) return { above: -below, height, isFarthest: offset + height >= total - 1 };
  return undefined;
}

/** A row without a height is another one than the same with one: what was measured of that is not what it takes now. */
function placeKey(row: Row, estimate: (index: number) => number): number | string {
  return estimate(indexOf(row)) === 0 ? `folded-${indexOf(row)}` : keyOf(row);
}

function topOf(virtualizer: RowVirtualizer, rows: RowSpace, start: number): Target | undefined {
  const { scrollElement, scrollOffset } = virtualizer;
  const offset = scrollElement?.scrollTop ?? scrollOffset ?? 0;
  const item = virtualizer.getVirtualItemForOffset(offset);
  if (item === undefined || start + item.index >= rows.length) return undefined;
  return { index: indexOf(rows.at(start + item.index)), below: item.start - offset };
}

function visible(range: { startIndex: number; endIndex: number } | null, following: boolean, count: number) {
  const { startIndex: first, endIndex: last } = range ?? { startIndex: 0, endIndex: 0 };
  if (!following) return { first, last };
  return { first: Math.max(0, count - 1 - (last - first)), last: Math.max(0, count - 1) };
}

/** The rows to draw: those that are seen, or the last ones, some around them, and those that must not vanish. */
function extracted(range: Range, following: boolean, pinned: readonly number[]): number[] {
  const { first, last } = visible(range, following, range.count);
  const places = defaultRangeExtractor({ ...range, startIndex: first, endIndex: last });
  const more = pinned.filter((place) => place >= 0 && place < range.count && !places.includes(place));
  return more.length === 0 ? places : [...places, ...more].sort((a, b) => a - b);
}
