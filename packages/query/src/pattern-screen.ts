import { enginePresent } from './pattern-engine.ts';
import type { Pattern } from './expression.ts';
import type { Program } from './re2-pattern.ts';
import type { Screen } from './screen.ts';

/** States that are kept; beyond them all are forgotten, and made anew as they are met. */
const MOST_STATES = 1_000;
const ASCII = 128;
const UNKNOWN = 0;
const MATCH = 1;
const START = 2;

const INDEX = '{"index":';
const MESSAGE = '"message":"';
/** Where a line's message begins, at most: behind its index and time. */
const MESSAGE_WITHIN = 80;
const [QUOTE, BACKSLASH] = [0x22, 0x5c];
/** What stands behind a backslash → what it means. */
const ESCAPES: Readonly<Record<string, number>> = { '"': 34, '\\': 92, '/': 47, b: 8, f: 12, n: 10, r: 13, t: 9 };
const MEANING = Uint8Array.from({ length: 256 }, (_, code) => ESCAPES[String.fromCharCode(code)] ?? 0);

/**
 * Looks for a pattern in the messages of many lines of JSON, without parting or parsing them: a step for each character, of
 * an automaton that is made as it is needed. It knows ASCII only, and no anchors: lines with anything else are found, and
 * some that do not match. Undefined where it would find every line.
 */
export function patternScreen(pattern: Pattern): Screen | undefined {
  const program = enginePresent().programOf(pattern);
  const automaton = program && new Automaton(program);
  if (!automaton?.isSelective) return undefined;
  return (bytes) => (from) => {
    for (let at = from; at < bytes.length;) {
      const message = bytes.indexOf(MESSAGE, at);
      if (!bytes.startsWith(INDEX, at) || message < 0 || message - at > MESSAGE_WITHIN) return at;
      const end = automaton.search(bytes, message + MESSAGE.length);
      if (end >= 0) return end;
      const feed = bytes.indexOf('\n', -end);
      if (feed < 0) return -1;
      at = feed + 1;
    }
    return -1;
  };
}

/** Sets of places of a program, each a state, and which one follows on which character. */
class Automaton {
  readonly #program: Program;
  readonly #next = new Uint16Array((MOST_STATES + START + 1) * ASCII);
  #states: (readonly number[])[] = [];
  #known = new Map<string, number>();

  constructor(program: Program) {
    this.#program = program;
    this.#forget();
  }

  /** Whether there is a text that it does not find. */
  get isSelective(): boolean {
    return this.#states[START] !== undefined;
  }

  /**
   * Reads a string of JSON from behind its quote. Where it may have found the pattern it says where; where the string ended
   * before, minus the place of its quote.
   */
  search(bytes: string, from: number): number {
    const next = this.#next;
    let state = START;
    for (let at = from; at < bytes.length; at++) {
      let code = bytes.charCodeAt(at);
      if (code === QUOTE) return -at;
      if (code === BACKSLASH) code = MEANING[bytes.charCodeAt(++at)] ?? 0;
      // What is written as a number, or is no ASCII, is left to whoever looks at the line.
      if (code === 0 || code >= ASCII) return at;
      let following = next[state * ASCII + code] ?? UNKNOWN;
      if (following === UNKNOWN) following = this.#follow(state, code);
      if (following === MATCH) return at;
      state = following;
    }
    return from;
  }

  #forget(): void {
    this.#next.fill(UNKNOWN);
    this.#known = new Map();
    this.#states = [[], []];
    const start = this.#closure([this.#program.start]);
    if (start) this.#add(start);
  }

  #follow(state: number, code: number): number {
    const places = this.#states[state] ?? [];
    const reached = [this.#program.start];
    for (const place of places) {
      const instruction = this.#program.getInst(place);
      if (instruction.op >= this.#program.firstRune && instruction.matchRune(code)) reached.push(instruction.out);
    }
    const closure = this.#closure(reached);
    if (!closure) return (this.#next[state * ASCII + code] = MATCH);
    const known = this.#known.get(closure.join());
    if (known !== undefined) return (this.#next[state * ASCII + code] = known);
    if (this.#states.length >= MOST_STATES) {
      this.#forget();
      return this.#known.get(closure.join()) ?? this.#add(closure);
    }
    return (this.#next[state * ASCII + code] = this.#add(closure));
  }

  #add(closure: readonly number[]): number {
    this.#states.push(closure);
    this.#known.set(closure.join(), this.#states.length - 1);
    return this.#states.length - 1;
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
