import type { ArchivedObject } from './object-name.ts';
import type { Segment } from './cover.ts';

/**
 * Bytes, compressed, up to which objects are small: the smallest are merged first, so that what is large already is seldom
 * written anew, and a day has few objects whatever its speed.
 */
const SIZES = [64 * 1024, 512 * 1024, 4 * 1024 * 1024];
/** Objects in a row that are worth a merge. */
const FAN = 12;
/** Most objects of one merge, so that a backlog does not make it endless. */
const MOST = 64;
/** Bytes of one merge, which are held in memory while it lasts; with them an object is as large as it ever gets. */
const MOST_BYTES = 48 * 1024 * 1024;

/** Objects of one day, next to each other, that are to become one; undefined where nothing is worth it. */
export function nextMerge(cover: readonly Segment[]): readonly ArchivedObject[] | undefined {
  for (const size of SIZES) {
    let run: ArchivedObject[] = [];
    for (const { object, from } of cover) {
      const before = run.at(-1);
      // A cut object would be merged whole, and overlap with its neighbour ever after.
      const fits = object.size <= size && object.first === from;
      const follows = before?.day === object.day && before.last + 1 === object.first;
      if (before && !(fits && follows)) {
        if (run.length >= FAN) return run;
        run = [];
      }
      if (fits) run.push(object);
      if (run.length >= MOST || bytesOf(run) >= MOST_BYTES) return run;
    }
    if (run.length >= FAN) return run;
  }
  return undefined;
}

function bytesOf(objects: readonly ArchivedObject[]): number {
  return objects.reduce((sum, { size }) => sum + size, 0);
}
