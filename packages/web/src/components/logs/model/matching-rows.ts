import type { Hole } from './gap-list.ts';
import { IndexRanges } from './index-ranges.ts';
import type { Row, RowSpace } from './row-space.ts';

/** What is known about which indexes match. */
export interface Known {
  /** Those that match, ascending. */
  readonly matches: readonly number[];
  /** Those of which it is known. */
  readonly covered: IndexRanges;
}

/** A row that is no match, and how many matches stand before it. */
interface Special {
  readonly row: Row & { readonly from: number; readonly to: number };
  readonly before: number;
}

/** Only what matches, up to `last`, and between that a row for whatever is gone or was not searched yet. */
export class MatchingRows implements RowSpace {
  readonly length: number;
  readonly #matches: readonly number[];
  readonly #count: number;
  readonly #specials: readonly Special[];

  constructor({ matches, covered }: Known, holes: readonly Hole[], last: number) {
    const held = outside(holes, matches);
    this.#matches = held;
    this.#count = lowerBound(held, last + 1);
    this.#specials = specials(covered, holes, last).map((row) => ({ row, before: lowerBound(held, row.from) }));
    this.length = this.#count + this.#specials.length;
  }

  at(row: number): Row {
    const place = this.#specialsBefore((special, at) => special.before + at < row);
    const special = this.#specials[place];
    if (special !== undefined && special.before + place === row) return special.row;
    return { is: 'entry', index: this.#matches[row - place] as number };
  }

  rowOf(index: number): number {
    const place = this.#specialsBefore(({ row }) => row.to < index);
    const special = this.#specials[place];
    if (special !== undefined && special.row.from <= index) return special.before + place;
    const matches = Math.min(lowerBound(this.#matches, index + 1), this.#count);
    return Math.max(0, matches + place - 1);
  }

  #specialsBefore(isBefore: (special: Special, place: number) => boolean): number {
    let low = 0;
    let high = this.#specials.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isBefore(this.#specials[middle] as Special, middle)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** What matched and is gone since then is no row of its own any more. */
function outside(holes: readonly Hole[], matches: readonly number[]): readonly number[] {
  let held = matches;
  for (const { from, to } of holes) {
    const [first, behind] = [lowerBound(held, from), lowerBound(held, to + 1)];
    if (first < behind) held = [...held.slice(0, first), ...held.slice(behind)];
  }
  return held;
}

function specials(covered: IndexRanges, holes: readonly Hole[], last: number): Special['row'][] {
  const gone = new IndexRanges();
  for (const { from, to } of holes) gone.add(from, to);
  const unsearched = covered.missing(1, last).flatMap(({ from, to }) => gone.missing(from, to));
  return [
    ...unsearched.map((range) => ({ is: 'unsearched' as const, ...range })),
    ...holes.filter(({ from }) => from <= last).map((hole) => ({ is: 'hole' as const, ...hole })),
  ].sort((a, b) => a.from - b.from);
}

/** Place of the first that is `value` or greater. */
export function lowerBound(ascending: readonly number[], value: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
