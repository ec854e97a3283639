import { LogsError } from '../logs-error.ts';
import { growNeedles } from './needle-tree.ts';
import type { Needles } from './needle-tree.ts';

/** What an entry of the table can say, as 16 bits, so that the table stays in the cache nearest to the processor. */
const ENTRIES = 1 << 16;
/** Lines up to here are read as bytes, if that is what they are: a third faster than the characters of a string. */
const ASCII_CHARS = 16 * 1024;
/** A character takes three bytes at the most: so many are written as there are characters only where all are ASCII. */
const ascii = Buffer.alloc(3 * ASCII_CHARS);
const OTHER = 0;
const BREAK = 1;

/**
 * Finds all needles in one pass (Aho and Corasick 1975). A state is what the text so far may be the beginning of; it may
 * be carried on from one text to the next. Line feeds and carriage returns do not change it, so that a value that was
 * wrapped is found. Immutable.
 *
 * Nodes are numbered breadth first. Those near the root have a row in a table with the next state for each class of
 * characters; the many others, most of which have one child, hold that and where to go on without it.
 */
export class MaskAutomaton {
  /** The state before any text. */
  static readonly START = 0;
  readonly #classes = new Uint16Array(0x10000);
  readonly #asciiClasses: Uint8Array;
  readonly #classCount: number;
  readonly #rows: number;
  readonly #symbols: Uint16Array;
  /** Children of node n are those from here up to the first of n + 1. */
  readonly #firstChild: Int32Array;
  readonly #fallback: Int32Array;
  /** The state of a node, or its complement where a needle ends. */
  readonly #states: Int32Array;
  readonly #found: Int32Array;
  readonly #begun: Int32Array;
  readonly #anchors: Int16Array;
  /** For each row and class the next row's beginning, or behind the last row the place in `exits` of what is no row. */
  readonly #table: Uint16Array;
  readonly #exits: Int32Array;
  /** For each two characters of ASCII 1 where a needle begins with them. */
  readonly #pairs: Uint8Array;

  /** @throws {LogsError} PAYLOAD_TOO_LARGE where the forms are too long in all, or of more than some 30,000 characters */
  constructor(needles: Needles) {
    const grown = growNeedles(needles);
    const { count, characters } = grown;
    this.#classCount = classify(this.#classes, characters.subarray(0, count));
    this.#asciiClasses = Uint8Array.from(this.#classes.subarray(0, 128));
    this.#symbols = Uint16Array.from(characters.subarray(0, count), (character) => this.#classes[character] ?? OTHER);
    this.#firstChild = grown.firstChild.slice(0, count + 1);
    this.#found = grown.found.slice(0, count);
    this.#begun = grown.begun.slice(0, count);
    this.#anchors = grown.anchors.slice(0, count);
    this.#fallback = this.#link(grown.parents, count);
    const rows = this.#rowsThatFit(grown.shallow);
    this.#rows = rows;
    this.#states = Int32Array.from({ length: count }, (_, node) => {
      const state = node < rows ? node * this.#classCount : rows * this.#classCount + node - rows;
      return (this.#found[node] ?? 0) > 0 || (this.#anchors[node] ?? -1) >= 0 ? ~state : state;
    });
    const exits: number[] = [];
    this.#table = this.#tabulate(rows, exits);
    this.#exits = Int32Array.from(exits);
    this.#pairs = this.#pairsThatBegin();
  }

  /**
   * Reads the text and returns the state behind it. For each place where a needle ends, pushes the index of its last
   * character and the state there to `hits`, in order.
   */
  scan(text: string, state: number, hits: number[]): number {
    const isAscii = text.length <= ASCII_CHARS && ascii.write(text) === text.length;
    return isAscii ? this.#scanAscii(text.length, state, hits) : this.#scanText(text, state, hits);
  }

  /** The loop that masking costs: nothing is in it but what most characters need. */
  #scanAscii(length: number, state: number, hits: number[]): number {
    const classes = this.#asciiClasses;
    const table = this.#table;
    const pairs = this.#pairs;
    const rowsEnd = table.length;
    const last = length - 1;
    let now = state;
    for (let at = 0; at < length; at++) {
      // At the root, what no needle begins with leaves no trace: most of a text is passed over here.
      if (now === MaskAutomaton.START)
        while (at < last && pairs[((ascii[at] as number) << 7) | (ascii[at + 1] as number)] === 0) at++;
      const symbol = classes[ascii[at] as number] as number;
      if (now < rowsEnd) {
        const next = table[now + symbol] as number;
        if (next < rowsEnd) {
          now = next;
          continue;
        }
      }
      const next = this.#rare(now, symbol);
      now = next < 0 ? ~next : next;
      if (next < 0) hits.push(at, now);
    }
    return now;
  }

  #scanText(text: string, state: number, hits: number[]): number {
    let now = state;
    for (let at = 0; at < text.length; at++) {
      const symbol = this.#classes[text.charCodeAt(at)] as number;
      const next = this.#rare(now, symbol);
      now = next < 0 ? ~next : next;
      if (next < 0) hits.push(at, now);
    }
    return now;
  }

  /** Length of the longest form that ends in this state; 0 for none. */
  found(state: number): number {
    return this.#found[this.#node(state)] ?? 0;
  }

  /** How many of the last characters are the beginning of a form, and not the whole of it. */
  begun(state: number): number {
    return this.#begun[this.#node(state)] ?? 0;
  }

  /** Which anchor ends in this state; -1 for none. */
  anchor(state: number): number {
    return this.#anchors[this.#node(state)] ?? -1;
  }

  #node(state: number): number {
    const rowsEnd = this.#table.length;
    return state < rowsEnd ? state / this.#classCount : this.#rows + state - rowsEnd;
  }

  /** The next state of any, or its complement where a needle ends there. */
  #rare(state: number, symbol: number): number {
    const rowsEnd = this.#table.length;
    let row = state;
    if (state >= rowsEnd) {
      if (symbol === BREAK) return state;
      let node = state - rowsEnd + this.#rows;
      while (node >= this.#rows) {
        const child = this.#child(node, symbol);
        if (child >= 0) return this.#states[child] as number;
        node = this.#fallback[node] as number;
      }
      row = node * this.#classCount;
    }
    const next = this.#table[row + symbol] as number;
    return next < rowsEnd ? next : (this.#exits[next - rowsEnd] as number);
  }

  #child(node: number, symbol: number): number {
    for (let child = this.#firstChild[node] as number; child < (this.#firstChild[node + 1] as number); child++)
      if (this.#symbols[child] === symbol) return child;
    return -1;
  }

  /** Where to go on from each node: the longest end of its text that is the beginning of a needle too. */
  #link(parents: Int32Array, count: number): Int32Array {
    const fallback = new Int32Array(count);
    for (let node = 1; node < count; node++) {
      const symbol = this.#symbols[node] as number;
      let from = parents[node] as number;
      let to = -1;
      while (from > 0 && to < 0) {
        from = fallback[from] as number;
        to = this.#child(from, symbol);
      }
      const link = Math.max(to, 0);
      fallback[node] = link;
      if (this.#found[node] === 0) this.#found[node] = this.#found[link] as number;
      if (this.#begun[node] === 0) this.#begun[node] = this.#begun[link] as number;
      if (this.#anchors[node] === -1) this.#anchors[node] = this.#anchors[link] as number;
    }
    return fallback;
  }

  /** How many nodes can have a row: each that has may need a place among the exits, and so may each of their children. */
  #rowsThatFit(shallow: number): number {
    const fit = (rows: number) => rows * this.#classCount + (this.#firstChild[rows] as number) <= ENTRIES;
    let rows = Math.min(shallow, Math.floor(ENTRIES / this.#classCount));
    while (rows > 0 && !fit(rows)) rows--;
    if (rows === 0) throw new LogsError('PAYLOAD_TOO_LARGE', 'the secrets have too many different characters');
    return rows;
  }

  #pairsThatBegin(): Uint8Array {
    const pairs = new Uint8Array(128 * 128);
    const begins = (state: number, symbol: number) => this.#table[state + symbol] as number;
    for (const [first, symbol] of this.#asciiClasses.entries()) {
      const state = begins(MaskAutomaton.START, symbol);
      if (state === MaskAutomaton.START) continue;
      for (const [second, next] of this.#asciiClasses.entries())
        if (state >= this.#table.length || begins(state, next) !== begins(MaskAutomaton.START, next))
          pairs[(first << 7) | second] = 1;
    }
    return pairs;
  }

  #tabulate(rows: number, exits: number[]): Uint16Array {
    const width = this.#classCount;
    const table = new Uint16Array(rows * width);
    for (let node = 0; node < rows; node++) {
      // Of the root every way leads back to it; else it is that of where one would go on.
      const fallback = (this.#fallback[node] as number) * width;
      if (node > 0) table.copyWithin(node * width, fallback, fallback + width);
      for (let child = this.#firstChild[node] as number; child < (this.#firstChild[node + 1] as number); child++) {
        const state = this.#states[child] as number;
        const isRow = state >= 0 && state < table.length;
        table[node * width + (this.#symbols[child] as number)] = isRow ? state : table.length + exits.push(state) - 1;
      }
      table[node * width + BREAK] = node * width;
    }
    return table;
  }
}

/**
 * Gives each character of the needles a class of its own, line breaks theirs, and all others one; how many there are. Those
 * of ASCII come first, and fit into a byte.
 */
function classify(classes: Uint16Array, characters: Uint16Array): number {
  classes[10] = BREAK;
  classes[13] = BREAK;
  let count = BREAK + 1;
  const used = new Set(characters.subarray(1));
  for (const character of [...used].sort((a, b) => a - b))
    if (classes[character] === OTHER) classes[character] = count++;
  return count;
}
