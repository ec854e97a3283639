import { LEVELS } from '@kubidu/contracts';
import type { Level } from '@kubidu/contracts';

import type { Summary } from './sieve.ts';
import { timeAndLevel } from './time-and-level.ts';
import type { TimeRange } from './time-range.ts';

/** Lines that were written within one stretch of time. */
export interface LevelBucket {
  /** Milliseconds since 1970, a multiple of the width. */
  readonly fromMs: number;
  /** All of them, also those without a level. */
  readonly lines: number;
  readonly levels: Readonly<Partial<Record<Level, number>>>;
}

/** Buckets of one width. */
export interface LevelBuckets {
  /** Milliseconds: a second times a power of two, so that two widths can be made one. */
  readonly widthMs: number;
  /** Ascending, without those in which nothing was written. */
  readonly buckets: readonly LevelBucket[];
  /** Whether each line is where it was written; else those of some stretches are spread evenly over them. */
  readonly exact: boolean;
}

/** Counts in the order of LEVELS, and behind them of what has none. */
type Counts = number[];

/** Lines written within a stretch of time, of which nobody knows when within it. */
interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
  readonly counts: Counts;
}

/** Lines of one level, one after the other, within one second. */
interface Run {
  readonly atMs: number;
  readonly place: number;
  count: number;
}

const FINEST_MS = 1_000;
const NONE = LEVELS.length;

/** Counts lines by when they were written and by level. A line whose time is none counts nowhere. */
export class LevelTally {
  readonly #time: TimeRange | undefined;
  readonly #runs: Run[] = [];
  readonly #stretches: Stretch[] = [];
  #isCut = false;
  #second = '';
  #secondMs = 0;

  /** @param time only what is of this time counts */
  constructor(time?: TimeRange) {
    this.#time = time;
  }

  /** Counts stored lines, JSON without its index. */
  add(lines: readonly string[]): void {
    for (const line of lines) if (this.#time?.holds(line) ?? true) this.#count(line);
  }

  /** Counts so many of the lines of a summary: their levels and times are taken to be like those of all of them. */
  addSummary({ from, to, count, levels }: Summary, lines: number): void {
    const isUntimed = from === 0 && to === 0;
    const within = this.#time ? this.#time.cut(from, to) : ([from, to] as const);
    if (isUntimed || !within) return;
    const [fromMs, toMs] = within;
    const share = (lines / count) * (to > from ? (toMs - fromMs) / (to - from) : 1);
    if (share < 1) this.#isCut = true;
    const counts = LEVELS.map((level) => Math.round((levels[level] ?? 0) * share));
    const levelled = counts.reduce((sum, one) => sum + one, 0);
    this.#stretches.push({ fromMs, toMs, counts: [...counts, Math.max(0, Math.round(count * share) - levelled)] });
  }

  /** What was counted, in at most `most` buckets from the first to the last, as narrow as that allows. */
  buckets(most: number): LevelBuckets {
    const widthMs = this.#width(most);
    const found = new Map<number, Counts>();
    for (const { atMs, place, count } of this.#runs) addTo(found, Math.floor(atMs / widthMs), place, count);
    let exact = !this.#isCut;
    for (const stretch of this.#stretches) if (!spread(stretch, widthMs, found)) exact = false;
    const buckets = [...found].sort(([a], [b]) => a - b).map(([at, counts]) => bucketOf(at * widthMs, counts));
    return { widthMs, buckets, exact };
  }

  #count(line: string): void {
    const { timestamp = '', level } = timeAndLevel(line);
    const atMs = this.#secondOf(timestamp);
    if (Number.isNaN(atMs)) return;
    const known = LEVELS.indexOf(level as Level);
    const place = known < 0 ? NONE : known;
    const run = this.#runs.at(-1);
    if (run?.atMs === atMs && run.place === place) run.count++;
    else this.#runs.push({ atMs, place, count: 1 });
  }

  /** The second in which something was written: mostly that of the line before. */
  #secondOf(timestamp: string): number {
    const second = timestamp.slice(0, 19);
    if (!timestamp.endsWith('Z')) return Math.floor(Date.parse(timestamp) / FINEST_MS) * FINEST_MS;
    if (second !== this.#second) {
      this.#second = second;
      this.#secondMs = Date.parse(`${second}Z`);
    }
    return this.#secondMs;
  }

  #width(most: number): number {
    let [first, last] = [Infinity, -Infinity];
    for (const { atMs } of this.#runs) [first, last] = [Math.min(first, atMs), Math.max(last, atMs)];
    for (const { fromMs, toMs } of this.#stretches)
      [first, last] = [Math.min(first, fromMs), Math.max(last, endOf(fromMs, toMs))];
    let widthMs = FINEST_MS;
    while (Math.floor(last / widthMs) - Math.floor(first / widthMs) >= most) widthMs *= 2;
    return widthMs;
  }
}

/** Whether all of a stretch was in one bucket. */
function spread({ fromMs, toMs, counts }: Stretch, widthMs: number, into: Map<number, Counts>): boolean {
  const first = Math.floor(fromMs / widthMs);
  const last = Math.floor(endOf(fromMs, toMs) / widthMs);
  for (const [place, count] of counts.entries()) {
    if (count === 0) continue;
    let given = 0;
    for (let bucket = first; bucket <= last; bucket++) {
      // Of what is due up to here: so none of them is lost by rounding.
      const part = bucket === last ? 1 : ((bucket + 1) * widthMs - fromMs) / (toMs - fromMs);
      const due = Math.round(count * part);
      if (due > given) addTo(into, bucket, place, due - given);
      given = due;
    }
  }
  return first === last;
}

/** The last moment of a stretch: what encloses it ends behind it. */
function endOf(fromMs: number, toMs: number): number {
  return Math.max(fromMs, toMs - 1);
}

function addTo(buckets: Map<number, Counts>, bucket: number, place: number, count: number): void {
  let counts = buckets.get(bucket);
  if (!counts) buckets.set(bucket, (counts = new Array<number>(NONE + 1).fill(0)));
  counts[place] = (counts[place] ?? 0) + count;
}

function bucketOf(fromMs: number, counts: Counts): LevelBucket {
  const levels = LEVELS.flatMap((level, place) => ((counts[place] ?? 0) > 0 ? [[level, counts[place]]] : []));
  const lines = counts.reduce((sum, count) => sum + count, 0);
  return { fromMs, lines, levels: Object.fromEntries(levels) as LevelBucket['levels'] };
}
