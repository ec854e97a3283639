// A module's own names are found faster than those of the global object, in tests above all.
const { imul, floor, clz32 } = Math;

/** Whom {@link grams} tells. */
interface GramSink {
  /** Three bytes that are not all digits, in the lower 24 bits. */
  word(gram: number): void;
  /** Three hexadecimal digits and the byte behind them. */
  number(gram: number): void;
}

const DIGIT = 0x100;
/** ASCII as it is looked for: in lower case, {@link DIGIT} added to hexadecimal digits; 0 for what is no part of any gram. */
const FOLDED = Uint16Array.from({ length: 256 }, (_, byte) => {
  if (byte < 0x20 || byte >= 0x7f) return 0;
  const lower = byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
  return /[0-9a-f]/.test(String.fromCharCode(lower)) ? lower + DIGIT : lower;
});

/**
 * Tells the grams of bytes of UTF-8: of each place three bytes, or four where the three are hexadecimal digits, of which
 * every longer text has all. Only ASCII counts, in lower case, and the two letters that differ from it in case only: ſ and
 * the Kelvin sign.
 */
function grams(bytes: Uint8Array, from: number, to: number, sink: GramSink): void {
  let window = 0;
  let length = 0;
  let digits = 0;
  for (let at = from; at < to; at++) {
    let byte = FOLDED[bytes[at] ?? 0] ?? 0;
    if (byte === 0) {
      if (bytes[at] === 0xc5 && bytes[at + 1] === 0xbf) {
        byte = 0x73;
        at += 1;
      } else if (bytes[at] === 0xe2 && bytes[at + 1] === 0x84 && bytes[at + 2] === 0xaa) {
        byte = 0x6b;
        at += 2;
      } else {
        length = digits = 0;
        continue;
      }
    }
    window = (window << 8) | (byte & 0xff);
    length++;
    if (digits >= 3) sink.number(window);
    digits = byte >= DIGIT ? digits + 1 : 0;
    if (length >= 3 && digits < 3) sink.word(window & 0xffffff);
  }
}

/** Places of a gram, before they are scaled to the size of a filter. */
const PLACES = 2 ** 20;
const placeOf = (gram: number): number => imul(gram, 0x9e3779b1) >>> 12;
const bitOf = (place: number, bits: number): number => floor((place * bits) / PLACES);

/**
 * Bits a gram. They are few, since a text is looked for by all of its grams: that each of them is there by chance is
 * likely, that all of them are is not. Numbers have many grams, and what one looks for among them is long.
 */
const BITS = { word: 2.5, number: 1 };

/** The two parts of a filter: grams of words and of numbers. */
export interface FilterParts {
  readonly word: Uint8Array;
  readonly number: Uint8Array;
}

/** Grams that were met, each once. */
class GramSet {
  readonly #met = new Uint32Array(PLACES / 32);
  #count = 0;

  add(gram: number): void {
    const place = placeOf(gram);
    const word = this.#met[place >>> 5] ?? 0;
    const bit = 1 << (place & 31);
    if ((word & bit) !== 0) return;
    this.#met[place >>> 5] = word | bit;
    this.#count++;
  }

  /** The filter of what was met, and forgets it. */
  take(bitsEach: number): Uint8Array {
    const filter = new Uint8Array(Math.ceil(Math.min(this.#count * bitsEach, PLACES) / 8));
    const bits = filter.length * 8;
    for (let at = 0; at < this.#met.length; at++) {
      for (let word = this.#met[at] ?? 0; word !== 0; word &= word - 1) {
        const bit = bitOf(at * 32 + 31 - clz32(word & -word), bits);
        filter[bit >>> 3] = (filter[bit >>> 3] ?? 0) | (1 << (bit & 7));
      }
      this.#met[at] = 0;
    }
    this.#count = 0;
    return filter;
  }
}

const INDEX = Buffer.from('{"index":');
const TIME = Buffer.from(',"timestamp":"');
const LINE_FEED = 10;
const QUOTE = 0x22;

/** Makes filters of members. It is as large whatever it is given: 256 KiB. */
export class GramCollector implements GramSink {
  readonly #words = new GramSet();
  readonly #numbers = new GramSet();

  word(gram: number): void {
    this.#words.add(gram);
  }

  number(gram: number): void {
    this.#numbers.add(gram);
  }

  /** The filter of a member's lines, but for their indexes and times, which no query asks for. */
  filterOf(lines: Uint8Array): FilterParts {
    for (let from = 0; from < lines.length;) {
      const feed = lines.indexOf(LINE_FEED, from);
      const to = feed < 0 ? lines.length : feed;
      grams(lines, behindTime(lines, from), to, this);
      from = to + 1;
    }
    return { word: this.#words.take(BITS.word), number: this.#numbers.take(BITS.number) };
  }
}

/** Where a line goes on behind its index and time; its beginning where it has another form. */
function behindTime(bytes: Uint8Array, from: number): number {
  if (!startsWith(bytes, INDEX, from)) return from;
  let at = from + INDEX.length;
  while ((bytes[at] ?? 0) >= 0x30 && (bytes[at] ?? 0) <= 0x39) at++;
  if (!startsWith(bytes, TIME, at)) return from;
  return bytes.indexOf(QUOTE, at + TIME.length) + 1;
}

function startsWith(bytes: Uint8Array, begin: Uint8Array, from: number): boolean {
  for (let at = 0; at < begin.length; at++) if (bytes[from + at] !== begin[at]) return false;
  return true;
}

/** What is known of the texts of a member. */
export class GramFilter implements FilterParts {
  readonly word: Uint8Array;
  readonly number: Uint8Array;

  constructor({ word, number }: FilterParts) {
    this.word = word;
    this.number = number;
  }

  /** Bytes. */
  get size(): number {
    return this.word.length + this.number.length;
  }

  /** Whether one of its lines may hold a text, in capitals or not. False is never wrong. */
  mayHold(text: string): boolean {
    const { word, number } = this;
    let all = true;
    const bytes = Buffer.from(text);
    grams(bytes, 0, bytes.length, {
      word: (gram) => (all &&= isSet(word, gram)),
      number: (gram) => (all &&= isSet(number, gram)),
    });
    return all;
  }
}

function isSet(filter: Uint8Array, gram: number): boolean {
  const bit = bitOf(placeOf(gram), filter.length * 8);
  return ((filter[bit >>> 3] ?? 0) & (1 << (bit & 7))) !== 0;
}
