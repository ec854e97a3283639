import type { Program } from './re2-pattern.ts';

/**
 * States of the pattern that are made, for one text after those it knew: a pattern that has more finds lines that do not
 * match. To make one takes a thousand times as long as a step does.
 */
const MOST_STATES = 1_000;
/** States that there is room for at first: most patterns have no more. */
const ROOM = 30;
const BYTES = 256;
const SPACE = 0x20;
const ASCII = 0x80;
const [LINE_FEED, QUOTE, BACKSLASH] = [0x0a, 0x22, 0x5c];

/** What each line begins with, but for what it says between these. */
const HEAD = ['{"index":', ',"timestamp":"', '","message":"'];

/** Rows of the table, or what stands for one: a step that was not made yet, and a line that is found. */
const [UNKNOWN, FOUND] = [0, 1];
/** Behind a message, up to the end of its line. */
const REST = 2;
/** At the beginning of a line. */
const LINE = 3;
/** Where a message begins. Each state of the pattern has two rows: the second is for what stands behind a backslash. */
const START = LINE + HEAD.join('').length;
const ROWS_A_STATE = 2;

/** What stands behind a backslash → what it means; a character that is written as a number is none. */
const ESCAPES: Readonly<Record<string, number>> = { '"': 34, '\\': 92, '/': 47, b: 8, f: 12, n: 10, r: 13, t: 9 };
const MEANING = Uint8Array.from({ length: BYTES }, (_, byte) => ESCAPES[String.fromCharCode(byte)] ?? 0);

/** The rows of a state of which no step is known but those that are the same for all. */
const NEW_STATE = Uint16Array.from({ length: ROWS_A_STATE * BYTES }, (_, at) => {
  if (at >= BYTES) return MEANING[at - BYTES] === 0 ? FOUND : UNKNOWN;
  if (at === QUOTE) return REST;
  return at < SPACE || at >= ASCII ? FOUND : UNKNOWN;
});

/**
 * A pattern, made into an automaton that reads many lines as they lie there: one step for each byte, whatever it is, and
 * whatever the pattern. A step is a row of a table that what frames a message is in too, so that the loop over the bytes has
 * nothing to tell apart; it is made once it is needed. What it makes for one text it keeps for others.
 */
export class LineAutomaton {
  readonly #program: Program;
  #table = new Uint16Array((START + ROOM * ROWS_A_STATE) * BYTES);
  /** Sets of places of the program, each a state. */
  #states: (readonly number[])[] = [];
  /** A state's places → its first row. */
  #known = new Map<string, number>();

  constructor(program: Program) {
    this.#program = program;
    this.#table.set(frame());
    this.#forget();
  }

  /** Whether there is a text that it does not find. */
  get isSelective(): boolean {
    return this.#states.length > 0;
  }

  /**
   * A place in each line that may match or is not written as lines are, ascending. What is cut within a message may match.
   */
  search(bytes: Uint8Array): number[] {
    if (this.#states.length >= MOST_STATES) this.#forget();
    // Each step waits for the one before, and two that do not wait for each other take as long as one. The second half is
    // the shorter one: the first ends with the line that reaches beyond the middle.
    const half = bytes.indexOf(LINE_FEED, bytes.length >> 1) + 1 || bytes.length;
    const together = bytes.length - half;
    const [found, foundBehind]: [number[], number[]] = [[], []];
    let [row, rowBehind] = [LINE, LINE];
    let table = this.#table;
    for (let at = 0; at < together; at++) {
      // Nothing else stands in this loop: the compiler keeps all of it in registers.
      for (; at < together; at++) {
        const next = table[(row << 8) | (bytes[at] as number)] as number;
        const nextBehind = table[(rowBehind << 8) | (bytes[half + at] as number)] as number;
        if (next <= FOUND || nextBehind <= FOUND) break;
        row = next;
        rowBehind = nextBehind;
      }
      if (at === together) break;
      row = this.#step(row, bytes, at, found);
      rowBehind = this.#step(rowBehind, bytes, half + at, foundBehind);
      table = this.#table;
    }
    for (let at = together; at < half; at++) row = this.#step(row, bytes, at, found);
    const last = together > 0 ? rowBehind : row;
    if (last !== LINE && last !== REST) foundBehind.push(bytes.length - 1);
    return [...found, ...foundBehind];
  }

  /** The row behind a step. */
  #step(row: number, bytes: Uint8Array, at: number, found: number[]): number {
    const byte = bytes[at] as number;
    const known = this.#table[(row << 8) | byte] as number;
    const next = known === UNKNOWN ? this.#make(row, byte) : known;
    if (next !== FOUND) return next;
    found.push(at);
    return byte === LINE_FEED ? LINE : REST;
  }

  /** Makes a step, and the state to which it leads. */
  #make(row: number, byte: number): number {
    const state = (row - START) / ROWS_A_STATE;
    const code = Number.isInteger(state) ? byte : (MEANING[byte] as number);
    const reached = [this.#program.start];
    for (const place of this.#states[Math.floor(state)] ?? []) {
      const instruction = this.#program.getInst(place);
      if (instruction.op >= this.#program.firstRune && instruction.matchRune(code)) reached.push(instruction.out);
    }
    const next = this.#rowOf(this.#closure(reached));
    return (this.#table[(row << 8) | byte] = next);
  }

  /** The first row of a state. */
  #rowOf(closure: readonly number[] | undefined): number {
    if (!closure) return FOUND;
    const known = this.#known.get(closure.join());
    if (known !== undefined) return known;
    return this.#states.length < MOST_STATES ? this.#add(closure) : FOUND;
  }

  #forget(): void {
    this.#known = new Map();
    this.#states = [];
    const start = this.#closure([this.#program.start]);
    if (start) this.#add(start);
  }

  #add(closure: readonly number[]): number {
    const row = START + this.#states.length * ROWS_A_STATE;
    this.#states.push(closure);
    this.#known.set(closure.join(), row);
    if ((row + ROWS_A_STATE) * BYTES > this.#table.length) this.#grow();
    this.#table.set(NEW_STATE, row * BYTES);
    this.#table[row * BYTES + BACKSLASH] = row + 1;
    return row;
  }

  #grow(): void {
    const most = (START + MOST_STATES * ROWS_A_STATE) * BYTES;
    const table = new Uint16Array(Math.min(this.#table.length * 2, most));
    table.set(this.#table);
    this.#table = table;
  }

  /** The places that are reached without a character, of those where one is read; undefined where the pattern is found. */
  #closure(places: readonly number[]): number[] | undefined {
    const seen = new Set<number>();
    const stack = [...places];
    const found: number[] = [];
    for (let place = stack.pop(); place !== undefined; place = stack.pop()) {
      if (seen.has(place)) continue;
      seen.add(place);
      const { op, out, arg } = this.#program.getInst(place);
      if (op === this.#program.match) return undefined;
      if (op >= this.#program.firstRune) found.push(place);
      else if (op !== this.#program.fail) {
        stack.push(out);
        if (op <= this.#program.lastFork) stack.push(arg);
      }
    }
    return found.sort((a, b) => a - b);
  }
}

/** The rows of what is not a message: anything that is not as every line is, is found. */
function frame(): Uint16Array {
  const rows = new Uint16Array(START * BYTES).fill(FOUND);
  rows.fill(REST, REST * BYTES, (REST + 1) * BYTES);
  rows[REST * BYTES + LINE_FEED] = LINE;
  let row = LINE;
  for (const [part, text] of HEAD.entries())
    for (const [at, character] of [...text].entries()) {
      // What stands before a text says an index, or a time.
      if (part > 0 && at === 0) rows.fill(row, row * BYTES + SPACE, row * BYTES + ASCII);
      rows[row * BYTES + BACKSLASH] = FOUND;
      rows[row * BYTES + character.charCodeAt(0)] = row + 1;
      row++;
    }
  return rows;
}
