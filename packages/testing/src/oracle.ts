import type { LogEvent } from '@kubidu/contracts';

import { parseNumberedLine, writerNumber } from './numbered-lines.ts';

/** What a reader got: a log entry, or as much of one as the reader knows. A line of raw output is `{ message }`. */
export interface Received {
  readonly index?: number;
  readonly message: string;
  readonly stream?: 'stdout' | 'stderr' | 'system' | undefined;
  readonly podName?: string | undefined;
  readonly container?: string | undefined;
  readonly restart?: number | undefined;
  readonly event?: LogEvent | undefined;
}

/**
 * One writer of numbered lines and how many it wrote, numbered from 1. The labels given here must stand on each of its
 * entries. Writers of the same name (a container before and after its restart) are told apart by their labels.
 */
export interface Written {
  readonly writer: string;
  readonly lines: number;
  readonly podName?: string;
  readonly container?: string;
  readonly restart?: number;
  readonly stream?: 'stdout' | 'stderr';
}

/** What an oracle lets pass. */
export interface OracleOptions {
  /** The index before the first one due; absent: the first received entry's index is right, whatever it is. */
  readonly after?: number;
  /** The last index due; absent: the last received one. */
  readonly through?: number;
  /** Indexes that the reader was told are gone. */
  readonly gaps?: readonly { readonly from: number; readonly to: number }[];
  /** Lines that nobody numbered and that may be there, like a program's greeting. */
  readonly ignore?: (message: string) => boolean;
}

/** Lines of a writer that did not arrive, both ends included. */
export interface MissingLines {
  readonly writer: string;
  readonly from: number;
  readonly to: number;
}

/** What is wrong with what a reader got; counts are of lines. */
export interface Verdict {
  /** Numbered lines received, repeats included. */
  readonly received: number;
  /** Missing, and nobody said so. */
  readonly holes: readonly MissingLines[];
  /** Missing, but a `lost` entry in their place says so, or a gap that the reader was told. */
  readonly lost: readonly MissingLines[];
  readonly repeats: number;
  /** Came after a line with a higher number. */
  readonly disordered: number;
  /** Of the form, but no writer's: checksum, number or label do not fit. */
  readonly damaged: number;
  /** Not of the form. */
  readonly foreign: number;
  /** Indexes skipped, repeated, missing at an end. */
  readonly indexDefects: number;
  /** Every line is there, once, in order, undamaged. */
  readonly complete: boolean;
  /** Nothing is wrong but what was said to be lost. */
  readonly honest: boolean;
  /** For people: one line when complete, else one for each defect (at most 40). */
  readonly report: string;
}

interface Claim {
  /** The writer's highest line when the claim came. */
  readonly after: number;
  /** How many lines it admits at most. */
  readonly lines: number;
}

/** Consecutive lines of one writer with the same defect. */
interface Run {
  readonly writer: string;
  readonly what: string;
  readonly from: number;
  to: number;
}

interface Writer extends Written {
  readonly label: string;
  readonly seen: Uint8Array;
  last: number;
  readonly claims: Claim[];
  run?: Run;
}

const MOST_REPORTED = 40;

/**
 * Judges what a reader got, entry by entry in the order of its coming. Memory: a byte for each line written.
 *
 * A `lost` entry excuses the hole that begins where its writer stood when the entry came, of the pod and container that
 * it names, or of all where it names none; one that gives a number excuses no more lines than that.
 */
export class Oracle {
  readonly #writers: Writer[];
  readonly #byNumber = new Map<number, Writer[]>();
  readonly #options: OracleOptions;
  readonly #notes: (() => string)[] = [];
  #index: number | undefined;
  #received = 0;
  #repeats = 0;
  #disordered = 0;
  #damaged = 0;
  #foreign = 0;
  #indexDefects = 0;

  constructor(written: readonly Written[], options: OracleOptions = {}) {
    this.#options = options;
    this.#index = options.after;
    this.#writers = written.map((writer) => ({
      ...writer,
      label: writer.restart === undefined ? writer.writer : `${writer.writer} (restart ${writer.restart})`,
      seen: new Uint8Array(writer.lines + 1),
      last: 0,
      claims: [],
    }));
    for (const writer of this.#writers) {
      const number = writerNumber(writer.writer);
      this.#byNumber.set(number, [...(this.#byNumber.get(number) ?? []), writer]);
    }
  }

  /** Takes the next entry. */
  take(entry: Received): void {
    if (entry.index !== undefined) this.#takeIndex(entry.index);
    if (entry.event?.type === 'lost') this.#takeLost(entry, entry.event);
    if (entry.stream !== 'system') this.#takeLine(entry);
  }

  /** Takes the next entries, in their order. */
  takeAll(entries: Iterable<Received>): this {
    for (const entry of entries) this.take(entry);
    return this;
  }

  /** Lines received so far, repeats included: for those who wait for the last one. */
  get received(): number {
    return this.#received;
  }

  /** Whether each writer's last line has come, whatever lacks before it. */
  get finished(): boolean {
    return this.#writers.every(({ seen, lines }) => lines === 0 || seen[lines] !== 0);
  }

  /** The judgement on everything taken so far. */
  verdict(): Verdict {
    const holes: MissingLines[] = [];
    const lost: MissingLines[] = [];
    for (const writer of this.#writers) sortMissing(writer, holes, lost);
    const unfinished = this.#indexesAtEnd();
    const notes = [
      ...holes.map((hole) => `${rangeOf(hole)} missing (${count(hole.to - hole.from + 1)})`),
      ...lost.map((hole) => `${rangeOf(hole)} lost, and said so (${count(hole.to - hole.from + 1)})`),
      ...this.#notes.map((note) => note()),
      ...unfinished,
    ];
    const indexDefects = this.#indexDefects + unfinished.length;
    const wrong = this.#repeats + this.#disordered + this.#damaged + this.#foreign + indexDefects;
    const honest = wrong === 0 && holes.length === 0;
    const complete = honest && lost.length === 0;
    return {
      received: this.#received,
      holes,
      lost,
      repeats: this.#repeats,
      disordered: this.#disordered,
      damaged: this.#damaged,
      foreign: this.#foreign,
      indexDefects,
      complete,
      honest,
      report: complete ? this.#praise() : this.#complaint(notes),
    };
  }

  #takeIndex(index: number): void {
    const due = this.#index === undefined ? index : this.#index + 1;
    this.#index = Math.max(index, this.#index ?? 0);
    if (index === due) return;
    if (index < due) return this.#wrongIndex(`index ${count(index)} came after ${count(due - 1)}`);
    const untold = this.#untold(due, index - 1);
    if (untold > 0)
      this.#wrongIndex(`indexes ${count(due)}–${count(index - 1)} skipped (${count(untold)} without a gap)`);
    if (untold < index - due) for (const writer of this.#writers) this.#claim(writer, index - due - untold);
  }

  #wrongIndex(note: string): void {
    this.#indexDefects++;
    this.#note(() => note);
  }

  /** How many of the indexes no gap tells. */
  #untold(from: number, to: number): number {
    const told = new Set<number>();
    for (const gap of this.#options.gaps ?? [])
      for (let index = Math.max(from, gap.from); index <= Math.min(to, gap.to); index++) told.add(index);
    return to - from + 1 - told.size;
  }

  #indexesAtEnd(): string[] {
    const { through } = this.#options;
    const last = this.#index ?? 0;
    if (through === undefined || through === last) return [];
    if (through < last) return [`indexes ${count(through + 1)}–${count(last)} were not due`];
    return this.#untold(last + 1, through) > 0
      ? [`indexes ${count(last + 1)}–${count(through)} missing at the end`]
      : [];
  }

  #takeLost(entry: Received, event: LogEvent & { type: 'lost' }): void {
    const podName = event.podName ?? entry.podName;
    const container = event.container ?? entry.container;
    for (const writer of this.#writers) {
      if (podName !== undefined && (writer.podName ?? writer.writer) !== podName) continue;
      if (container !== undefined && writer.container !== undefined && writer.container !== container) continue;
      this.#claim(writer, event.lines ?? Number.POSITIVE_INFINITY);
    }
  }

  #claim(writer: Writer, lines: number): void {
    const before = writer.claims.at(-1);
    // Several in one place add up.
    if (before?.after === writer.last) writer.claims.pop();
    writer.claims.push({ after: writer.last, lines: lines + (before?.after === writer.last ? before.lines : 0) });
  }

  #takeLine(entry: Received): void {
    const line = parseNumberedLine(entry.message);
    if (!line) {
      if (this.#options.ignore?.(entry.message)) return;
      this.#foreign++;
      return this.#note(() => `foreign line${placeOf(entry)}: ${shortened(entry.message)}`);
    }
    const named = this.#byNumber.get(line.writer);
    if (!named) return this.#damage(entry, 'the checksum is no known writer’s');
    const writer = named.find((candidate) => fits(candidate, entry));
    if (!writer) return this.#damage(entry, `the labels are not those of ${named[0]?.writer}`);
    if (line.seq < 1 || line.seq > writer.lines)
      return this.#damage(entry, `${writer.label} wrote ${count(writer.lines)} lines`);
    this.#received++;
    this.#place(writer, line.seq);
  }

  #place(writer: Writer, seq: number): void {
    if (writer.seen[seq] !== 0) {
      this.#repeats++;
      return this.#noteRun(writer, 'repeated', seq);
    }
    writer.seen[seq] = 1;
    if (seq > writer.last) {
      writer.last = seq;
      return;
    }
    this.#disordered++;
    this.#noteRun(writer, 'out of order', seq);
  }

  #damage(entry: Received, why: string): void {
    this.#damaged++;
    this.#note(() => `damaged line${placeOf(entry)}: ${shortened(entry.message)} (${why})`);
  }

  #noteRun(writer: Writer, what: string, seq: number): void {
    const { run } = writer;
    if (run?.what === what && run.to + 1 === seq) {
      run.to = seq;
      return;
    }
    const begun = { writer: writer.label, what, from: seq, to: seq };
    writer.run = begun;
    this.#note(() => `${rangeOf(begun)} ${what}`);
  }

  #note(note: () => string): void {
    if (this.#notes.length < MOST_REPORTED) this.#notes.push(note);
  }

  #praise(): string {
    const lines = this.#writers.reduce((sum, writer) => sum + writer.lines, 0);
    return `complete: ${count(lines)} lines of ${count(this.#writers.length)} writers`;
  }

  #complaint(notes: readonly string[]): string {
    const due = this.#writers.reduce((sum, writer) => sum + writer.lines, 0);
    const shown = notes.slice(0, MOST_REPORTED);
    const sums = Object.entries({
      repeated: this.#repeats,
      'out of order': this.#disordered,
      damaged: this.#damaged,
      foreign: this.#foreign,
    }).filter(([, number]) => number > 0);
    const summary = [
      `received ${count(this.#received)} of ${count(due)} lines`,
      ...sums.map(([what, n]) => `${count(n)} ${what}`),
    ];
    return [summary.join(', '), ...shown, ...(notes.length > shown.length ? ['…'] : [])].join('\n');
  }
}

/** Judges a whole record at once. */
export function judge(received: Iterable<Received>, written: readonly Written[], options: OracleOptions = {}): Verdict {
  return new Oracle(written, options).takeAll(received).verdict();
}

/** Lines of raw output as an oracle takes them; an empty last one, behind the final line feed, is left out. */
export function rawLines(output: string): Received[] {
  const lines = output.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines.map((message) => ({ message }));
}

/** What a writer's lines lack, each run to where it belongs. */
function sortMissing(writer: Writer, holes: MissingLines[], lost: MissingLines[]): void {
  const admitted = new Map(writer.claims.map(({ after, lines }) => [after, lines]));
  for (let from = writer.seen.indexOf(0, 1); from > 0;) {
    const seen = writer.seen.indexOf(1, from);
    const to = seen < 0 ? writer.lines : seen - 1;
    const excused = (admitted.get(from - 1) ?? 0) >= to - from + 1;
    (excused ? lost : holes).push({ writer: writer.label, from, to });
    from = seen < 0 ? -1 : writer.seen.indexOf(0, seen);
  }
}

/** Whether the entry's labels are those that the writer's lines must have. A label that the reader does not know fits. */
function fits(writer: Writer, entry: Received): boolean {
  return (
    same(writer.podName, entry.podName) &&
    same(writer.container, entry.container) &&
    same(writer.restart, entry.restart) &&
    same(writer.stream, entry.stream)
  );
}

function same(due: unknown, given: unknown): boolean {
  return due === undefined || given === undefined || due === given;
}

function placeOf({ index }: Received): string {
  return index === undefined ? '' : ` at index ${count(index)}`;
}

function rangeOf({ writer, from, to }: MissingLines): string {
  return from === to ? `writer ${writer}: line ${count(from)}` : `writer ${writer}: lines ${count(from)}–${count(to)}`;
}

function shortened(text: string): string {
  return JSON.stringify(text.length > 120 ? `${text.slice(0, 120)}…` : text);
}

function count(number: number): string {
  return number.toLocaleString('en-US');
}
