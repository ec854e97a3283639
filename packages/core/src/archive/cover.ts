import type { ArchivedObject } from './object-name.ts';

/** The part of an object that a reader takes from it. */
export interface Segment {
  readonly object: ArchivedObject;
  readonly from: number;
  readonly to: number;
}

/**
 * One way through objects that may overlap: ascending, no index twice, and none left out that any of them holds. Of those
 * that hold the next index, the one that reaches furthest is taken.
 */
export function coverOf(objects: readonly ArchivedObject[]): Segment[] {
  const sorted = objects.toSorted((a, b) => a.first - b.first || b.last - a.last);
  const cover: Segment[] = [];
  let next = 1;
  for (let at = 0; ;) {
    let furthest: ArchivedObject | undefined;
    for (let object = sorted[at]; object && object.first <= next; object = sorted[++at])
      if (object.last >= next && object.last > (furthest?.last ?? 0)) furthest = object;
    if (furthest) {
      cover.push({ object: furthest, from: next, to: furthest.last });
      next = furthest.last + 1;
    } else {
      const beyond = sorted[at];
      if (!beyond) return cover;
      next = beyond.first;
    }
  }
}

/** Objects of which others of the same list hold everything: what a merge that was cut short left behind. */
export function shadowed(objects: readonly ArchivedObject[]): ArchivedObject[] {
  const needed = new Set(coverOf(objects).map(({ object }) => object));
  return objects.filter((object) => !needed.has(object));
}
