import type { LogEntry, LogPage } from '@kubidu/contracts';
import { gapLine } from '@kubidu/text';

import type { HoleReason } from './model/gap-list.ts';
import type { IndexRange } from './model/index-ranges.ts';
import type { LogModel, Shown } from './model/log-model.ts';
import { indexOf } from './model/row-space.ts';
import type { RowSpace } from './model/row-space.ts';

/** Most lines that are copied at once: as many as an editor still opens at ease. A file has no such limit. */
const MOST_LINES = 100_000;

/** Most characters: the text is in memory some times over until the system's clipboard has it, and lines may be long. */
export const MOST_CHARACTERS = 64_000_000;

/** Entries of one page: lines may take 256 KiB each. */
const PAGE = 1_000;

/** Rows to copy, and how each is written. */
export interface CopiedRows {
  readonly rows: RowSpace;
  /** The first and the last row. */
  readonly first: number;
  readonly last: number;
  /** Texts of rows that are not copied whole. */
  readonly parts: ReadonlyMap<number, string>;
  readonly text: (entry: LogEntry) => string;
}

/** Lines of text, and how many they are. */
export interface CopiedText {
  readonly text: string;
  readonly lines: number;
}

/** There is more than is copied at once; its message says so, for people. */
export class TooMuchToCopy extends Error {
  override readonly name = 'TooMuchToCopy';
}

/** The text of rows, where all of it is at hand; else undefined. @throws {TooMuchToCopy} */
export function textAtHand(model: LogModel, copied: CopiedRows): string | undefined {
  const lines = new Lines(copied.last - copied.first + 1);
  for (const piece of pieces(model, copied)) {
    if (typeof piece !== 'string') return undefined;
    lines.add(piece);
  }
  return lines.text;
}

/**
 * The text of rows, what is not at hand read page by page: of what is `shown`, and a line for whatever cannot be had.
 * @throws {TooMuchToCopy} {@link ClientError} there is no half of it
 */
export async function readText(
  model: LogModel,
  copied: CopiedRows,
  shown: Shown,
  signal: AbortSignal,
): Promise<CopiedText> {
  const lines = new Lines(copied.last - copied.first + 1);
  for (const piece of pieces(model, copied)) {
    if (typeof piece === 'string') lines.add(piece);
    else for await (const line of read(model, piece, shown, copied.text, signal)) lines.add(line);
  }
  return { text: lines.text, lines: lines.count };
}

/** A line that says what cannot be had, as a download has it. */
function holeText(from: number, to: number, reason: HoleReason): string {
  return gapLine({ from, to, reason: reason === 'unexplained' ? 'not given by the server' : reason });
}

/** The text of each row, and between them the indexes of those that are not at hand. */
function* pieces(model: LogModel, { rows, first, last, parts, text }: CopiedRows): Generator<string | IndexRange> {
  let absent: IndexRange | undefined;
  for (let row = first; row <= last; row++) {
    const there = rows.at(row);
    const entry = there.is === 'entry' ? model.entry(there.index) : undefined;
    const known =
      parts.get(row) ??
      (there.is === 'hole' ? holeText(there.from, there.to, there.reason) : entry === undefined ? entry : text(entry));
    if (known === undefined) {
      absent = { from: absent?.from ?? indexOf(there), to: there.is === 'entry' ? there.index : there.to };
      continue;
    }
    if (absent !== undefined) yield absent;
    absent = undefined;
    yield known;
  }
  if (absent !== undefined) yield absent;
}

async function* read(
  model: LogModel,
  range: IndexRange,
  { query, ...stretch }: Shown,
  text: (entry: LogEntry) => string,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const to = Math.min(range.to, stretch.to);
  let after: number | undefined = Math.max(range.from, stretch.from) - 1;
  while (after !== undefined && after < to) {
    const page: LogPage = await model.page({ after, limit: Math.min(PAGE, to - after), query }, signal);
    const behind = Math.min(page.next ?? to, to);
    yield* pageText(page, { from: after + 1, to: behind }, query === undefined, text);
    after = page.next;
  }
}

/** The lines of a page within a range. A page of all lines has to have each: what it lacks without a reason is said. */
function* pageText(
  { entries, gaps }: LogPage,
  { from, to }: IndexRange,
  whole: boolean,
  text: (entry: LogEntry) => string,
): Generator<string> {
  const found = [
    ...entries.map((entry) => ({ from: entry.index, to: entry.index, line: () => text(entry) })),
    ...gaps.map((gap) => {
      const within = { from: Math.max(from, gap.from), to: Math.min(to, gap.to) };
      return { ...within, line: () => holeText(within.from, within.to, gap.reason) };
    }),
  ]
    .filter((one) => one.from >= from && one.from <= one.to && one.to <= to)
    .sort((a, b) => a.from - b.from);
  let expected = from;
  for (const one of found) {
    if (whole && one.from > expected) yield holeText(expected, one.from - 1, 'unexplained');
    yield one.line();
    expected = one.to + 1;
  }
  if (whole && expected <= to) yield holeText(expected, to, 'unexplained');
}

/** Lines of text, never too many. */
class Lines {
  readonly #lines: string[] = [];
  #characters = 0;

  /** @throws {TooMuchToCopy} where it is known already that there are too many */
  constructor(expected: number) {
    if (expected > MOST_LINES) throw new TooMuchToCopy(tooMuch(`${words(expected)} lines are selected`));
  }

  get count(): number {
    return this.#lines.length;
  }

  get text(): string {
    return this.#lines.join('\n');
  }

  /** @throws {TooMuchToCopy} */
  add(line: string): void {
    this.#characters += line.length + 1;
    if (this.#characters > MOST_CHARACTERS)
      throw new TooMuchToCopy(tooMuch('the lines that are selected are too long'));
    if (this.#lines.push(line) > MOST_LINES) throw new TooMuchToCopy(tooMuch('too many lines are selected'));
  }
}

function tooMuch(what: string): string {
  return `${what}. At most ${words(MOST_LINES)} lines, or ${MOST_CHARACTERS / 1e6} MB, are copied at once. Download saves any number as a file.`;
}

function words(count: number): string {
  return count.toLocaleString('en');
}
