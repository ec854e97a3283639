import { LEAST_SECRET } from './secret-forms.ts';
import { MaskAutomaton } from './mask-automaton.ts';
import type { MaskPatterns } from './mask-patterns.ts';
import { MaskedLine } from './masked-line.ts';
import { PemBlock } from './pem-block.ts';
import { ShapeFinder } from './shape-finder.ts';
import { ANCHORS, SHAPE_OF } from './shapes.ts';

/** What a masker gives its outputs; nothing of it changes. */
export interface MaskedOutputOptions {
  readonly automaton: MaskAutomaton;
  readonly patterns: MaskPatterns;
  /** Whether there are secrets, which may be spread over lines. */
  readonly spread: boolean;
  readonly onMasked: (count: number) => void;
}

/** So many characters of a secret's beginning at the end of a line are worth waiting for the next: one is nearly always there. */
const LEAST_OPEN = 2;

/**
 * Masks what one writer writes to one of its outputs, line by line. A line that ends with the beginning of a secret stays
 * open until what follows decides: a secret that was spread over several lines is masked in all of them. Holds what is
 * open without a bound; `settle` ends that.
 */
export class MaskedOutput {
  readonly #options: MaskedOutputOptions;
  readonly #onSettled: (message: string) => void;
  readonly #pem = new PemBlock();
  #state = MaskAutomaton.START;
  /** Lines that end with the beginning of a secret. */
  #open: MaskedLine[] = [];
  readonly #hits: number[] = [];

  /** @param onSettled takes each line that was open, masked, in order, as soon as it is decided */
  constructor(options: MaskedOutputOptions, onSettled: (message: string) => void) {
    this.#options = options;
    this.#onSettled = onSettled;
  }

  /**
   * The line, masked: itself where nothing is to be. Undefined while it is open; `onSettled` is called with it then, not
   * before this has returned. Lines before it that it decides are settled first.
   *
   * @param cut the line's end was cut off: what it ends with is masked where it may be the beginning of a secret
   */
  take(message: string, cut: boolean): string | undefined {
    const { automaton, patterns, spread } = this.#options;
    const hits = this.#hits;
    const state = automaton.scan(message, spread ? this.#state : MaskAutomaton.START, hits);
    const begun = spread ? automaton.begun(state) : 0;
    this.#state = cut ? MaskAutomaton.START : state;
    if (hits.length > 0 && !cut && this.#areVoid(message, hits)) hits.length = 0;
    if (hits.length === 0 && begun < LEAST_OPEN && patterns.none && !this.#pem.open) {
      if (this.#open.length > 0) this.#settleBefore(0);
      return message;
    }
    const line = new MaskedLine(message);
    this.#find(line, cut, hits);
    hits.length = 0;
    if (cut && begun >= LEAST_SECRET) this.#cover(line, message.length, begun);
    if (!cut && begun >= LEAST_OPEN) {
      this.#open.push(line);
      this.#settleBefore(begun);
      return undefined;
    }
    this.#settleBefore(0);
    return this.#masked(line);
  }

  /**
   * Decides all lines that are open: what they end with is masked where at least 4 characters of it are the beginning of a
   * secret. The rest of that secret will be masked if it comes.
   */
  settle(): void {
    if (this.#open.length === 0) return;
    const begun = this.#options.automaton.begun(this.#state);
    if (begun >= LEAST_SECRET) this.#coverOpen(begun);
    this.#settleBefore(0);
  }

  /** Whether nothing comes of the hits: few URLs have a password. */
  #areVoid(message: string, hits: readonly number[]): boolean {
    const { automaton } = this.#options;
    let absent: string | undefined;
    for (let at = 1; at < hits.length; at += 2) {
      const state = hits[at] ?? 0;
      const needs = SHAPE_OF[automaton.anchor(state)]?.needs;
      if (needs === undefined || automaton.found(state) > 0) return false;
      if (needs !== absent && message.includes(needs)) return false;
      absent = needs;
    }
    return true;
  }

  #find(line: MaskedLine, cut: boolean, hits: readonly number[]): void {
    const { automaton, patterns } = this.#options;
    let finder: ShapeFinder | undefined;
    if (this.#pem.open) this.#pem.goOn((finder = new ShapeFinder(line, cut)));
    for (let at = 0; at < hits.length; at += 2) {
      const [end, state] = [(hits[at] ?? 0) + 1, hits[at + 1] ?? 0];
      const found = automaton.found(state);
      if (found > 0) this.#cover(line, end, found);
      const anchor = automaton.anchor(state);
      if (anchor >= 0) this.#look(anchor, end, (finder ??= new ShapeFinder(line, cut)));
    }
    patterns.find(line);
  }

  /** @param end of the anchor */
  #look(anchor: number, end: number, finder: ShapeFinder): void {
    const begin = end - (ANCHORS[anchor]?.length ?? 0);
    if (begin < 0) return; // spread over lines, as no shape is
    const shape = SHAPE_OF[anchor];
    if (shape) finder.look(shape, begin);
    else this.#pem.begin(begin, finder);
  }

  /** Covers the last `count` characters before `end`, those in open lines included. */
  #cover(line: MaskedLine, end: number, count: number): void {
    this.#coverOpen(line.coverBefore(end, count));
  }

  /** Covers the last `count` characters of the open lines; those of lines that are settled have been. */
  #coverOpen(count: number): void {
    let missing = count;
    for (let at = this.#open.length - 1; missing > 0 && at >= 0; at--) {
      const line = this.#open[at];
      missing = line?.coverBefore(line.given.length, missing) ?? 0;
    }
  }

  /** Settles the open lines that the last `count` characters do not reach. */
  #settleBefore(count: number): void {
    let first = this.#open.length;
    for (let missing = count; missing > 0 && first > 0;) {
      const line = this.#open[--first];
      missing = Math.max(-(line?.beginOf(line.given.length, missing) ?? 0), 0);
    }
    for (const line of this.#open.splice(0, first)) this.#onSettled(this.#masked(line));
  }

  #masked(line: MaskedLine): string {
    const { text, count } = line.masked();
    if (count > 0) this.#options.onMasked(count);
    return text;
  }
}
