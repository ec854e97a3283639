import type { MaskedLine } from './masked-line.ts';
import type { Shape } from './shapes.ts';

/** How far from its end a line that was cut is looked at for a secret that was cut with it. */
const CUT_CHARS = 4_096;
const UNTIL_CUT = /[^\s"'<>`]*$/y;

/** Looks at what the anchors of one line belong to, in their order. */
export class ShapeFinder {
  readonly #line: MaskedLine;
  readonly #cut: boolean;
  #failed: Map<Shape, number> | undefined;
  #coveredTo = 0;

  /** @param cut the line's end was cut off */
  constructor(line: MaskedLine, cut: boolean) {
    this.#line = line;
    this.#cut = cut;
  }

  get text(): string {
    return this.#line.given;
  }

  /** Up to here all that was found is masked: what is looked at begins behind it. */
  get coveredTo(): number {
    return this.#coveredTo;
  }

  /** Masks from `begin` up to `end`. */
  cover(begin: number, end: number): void {
    this.#line.cover(begin, end);
    this.#coveredTo = Math.max(this.#coveredTo, end);
  }

  /** @param begin of the anchor */
  look(shape: Shape, begin: number): void {
    const from = begin - (shape.before ?? 0);
    if (from < 0 || begin < this.#coveredTo || begin < (this.#failed?.get(shape) ?? 0)) return;
    const found = matchAt(shape.pattern, this.text, from);
    if (found) this.cover(from + (found[1]?.length ?? 0), from + found[0].length);
    else if (this.#isCut(begin)) this.cover(begin, this.text.length);
    else if (shape.run)
      (this.#failed ??= new Map()).set(shape, from + (matchAt(shape.run, this.text, from)?.[0].length ?? 0));
  }

  /** Whether the line was cut in the middle of what the anchor at `begin` may be the beginning of. */
  #isCut(begin: number): boolean {
    if (!this.#cut || this.text.length - begin > CUT_CHARS) return false;
    return matchAt(UNTIL_CUT, this.text, begin) !== null;
  }
}

/** The match of a sticky expression at this place. */
export function matchAt(sticky: RegExp, text: string, at: number): RegExpExecArray | null {
  sticky.lastIndex = at;
  return sticky.exec(text);
}
