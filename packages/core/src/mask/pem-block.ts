import { matchAt } from './shape-finder.ts';
import type { ShapeFinder } from './shape-finder.ts';

/** RFC 7468, and what OpenSSH and PGP make of it. */
const BEGIN = /-----BEGIN (?:[A-Z0-9]+ ){0,4}PRIVATE KEY(?: BLOCK)?-----/y;
const END = /-----END (?:[A-Z0-9]+ ){0,4}PRIVATE KEY(?: BLOCK)?-----/;
/** Lines in front of the key itself, and the empty one that ends them. */
const HEADER = /(?:^|\s)(?:Proc-Type|DEK-Info|Version|Comment|Hash|Charset|MessageID): |^\s*$/;
/** A line of the key; what a logger put in front of it stays. */
const BODY = /[A-Za-z0-9+/]{32,}={0,2}/g;
/** The key's last line may be short; the last word of another line looks the same, and is masked too. */
const REST = /[A-Za-z0-9+/]+={0,2}(?=\s*$)/;
const REST_BEFORE_END = /[A-Za-z0-9+/]+={0,2}$/;
const REST_CHARS = 64;

/** Most lines of one key: RSA with 16,384 bits has 200. */
const MOST_LINES = 1_000;
/** Lines in a row that look as if the key had ended without saying so. */
const MOST_DOUBTS = 2;

/** A private key in PEM, which takes several lines of one output. */
export class PemBlock {
  #linesLeft = 0;
  #doubts = 0;

  /** Whether the next line may be one of a key. */
  get open(): boolean {
    return this.#linesLeft > 0;
  }

  /** Masks a key that begins here, up to its end, or that of the text: then the next ones are looked at too. */
  begin(at: number, finder: ShapeFinder): void {
    const { text } = finder;
    if (at < finder.coveredTo || !matchAt(BEGIN, text, at)) return;
    const end = endOf(text, at);
    finder.cover(at, end ?? text.length);
    this.#linesLeft = end === undefined ? MOST_LINES : 0;
    this.#doubts = 0;
  }

  /** Masks what the text has of a key that began in an earlier one. */
  goOn(finder: ShapeFinder): void {
    const { text } = finder;
    const end = endOf(text, 0);
    const mark = end === undefined ? text.length : text.lastIndexOf('-----END ', end);
    const body = coverBody(finder, mark);
    if (end !== undefined) finder.cover(mark, end);
    this.#doubts = body === 'none' ? this.#doubts + 1 : 0;
    this.#linesLeft = end !== undefined || this.#doubts >= MOST_DOUBTS ? 0 : this.#linesLeft - 1;
  }
}

/** Masks what looks like the key in the text up to `mark`; whether there was anything of a key, its header included. */
function coverBody(finder: ShapeFinder, mark: number): 'some' | 'none' {
  const before = finder.text.slice(0, mark);
  if (HEADER.test(before)) return 'some';
  const bodies = [...before.matchAll(BODY)];
  for (const { index, 0: body } of bodies) finder.cover(index, index + body.length);
  // Of a bounded part: the expression looks at each place anew.
  const near = Math.max(finder.coveredTo, mark - REST_CHARS);
  const rest = (mark < finder.text.length ? REST_BEFORE_END : REST).exec(before.slice(near));
  if (rest) finder.cover(near + rest.index, near + rest.index + rest[0].length);
  return bodies.length > 0 ? 'some' : 'none';
}

/** Behind the first mark of a key's end from `at` on; undefined where there is none. */
function endOf(text: string, at: number): number | undefined {
  const found = END.exec(text.slice(at));
  return found ? at + found.index + found[0].length : undefined;
}
