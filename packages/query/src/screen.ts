import { escape } from './glob-test.ts';
import type { Need } from './need.ts';

/** Where the next line stands that may match: any place within it, from a place on; -1 for none. */
type Finder = (from: number) => number;

/** Many lines of JSON, as JSON.stringify writes them, in UTF-8, a line feed behind each. */
interface ScreenedLines {
  readonly bytes: Uint8Array;
  /** A character for each byte: as such it is had at once, when it is asked for. */
  readonly latin1: string;
}

/** Looks through many lines for those that may match. */
export type Screen = (lines: ScreenedLines) => Finder;

/** A text of ASCII of which one of several must stand in a line. */
interface Sought {
  readonly text: string;
  readonly exact: boolean;
}

/** A screen for texts, and how long the shortest is. */
interface TextScreen {
  readonly screen: Screen;
  readonly shortest: number;
}

/** Most texts that are looked for at once. */
const MOST = 8;
const ASCII = /[\x20-\x7e]+/g;
/** Letters that differ from `s` and `k` in case only, in UTF-8, as one reads it a byte a character. */
const FOLDED = { s: '\xc5\xbf', k: '\xe2\x84\xaa' };

/**
 * The first tier of a query on what is not yet parted into lines: a line that matches holds one of a few texts. Undefined
 * where there are none, or too many. What it finds may be wrong, what it does not find never is.
 */
export function screenOf(need: Need): TextScreen | undefined {
  const sought = coverOf(need);
  if (!sought) return undefined;
  const expressions = new Map<string, RegExp>();
  const screen: Screen = ({ latin1 }) => {
    const present = sought.filter(({ text: one, exact }) => !exact || latin1.includes(one));
    if (present.length === 0) return () => -1;
    const isFolded = Object.values(FOLDED).some((letter) => latin1.includes(letter));
    const key = `${isFolded} ${present.map((one) => sought.indexOf(one)).join(' ')}`;
    const expression = expressions.get(key) ?? expressionOf(present, isFolded);
    expressions.set(key, expression);
    return (from) => {
      expression.lastIndex = from;
      return expression.exec(latin1)?.index ?? -1;
    };
  };
  return { screen, shortest: Math.min(...sought.map(({ text }) => text.length)) };
}

function expressionOf(sought: readonly Sought[], isFolded: boolean): RegExp {
  const source = sought.map(({ text }) => {
    const escaped = escape(text);
    return isFolded
      ? escaped.replace(/(?<!\\)[sk]/gi, (letter) => `(?:${letter}|${FOLDED[letter.toLowerCase() as 's' | 'k']})`)
      : escaped;
  });
  return new RegExp(source.join('|'), 'gi');
}

/** Texts of which each entry that has what it needs has one. */
function coverOf(need: Need): readonly Sought[] | undefined {
  switch (need.type) {
    case 'text': {
      const parts = need.text.match(ASCII) ?? [];
      const text = parts.reduce((best, one) => (one.length > best.length ? one : best), '');
      return text === '' ? undefined : [{ text, exact: need.exact === true }];
    }
    case 'levels':
      return need.levels.map((level) => ({ text: `"level":"${level}"`, exact: true }));
    case 'all':
      return need.of
        .map(coverOf)
        .filter((cover) => cover !== undefined)
        .sort((a, b) => worthOf(b) - worthOf(a))[0];
    case 'any': {
      const covers = need.of.map(coverOf);
      const texts = covers.flatMap((cover) => cover ?? []);
      return covers.every((cover) => cover !== undefined) && texts.length <= MOST ? texts : undefined;
    }
  }
}

/** The longer the shortest of its texts, the fewer lines have one. Markers are rare. */
function worthOf(cover: readonly Sought[]): number {
  return Math.min(...cover.map(({ text, exact }) => (exact && text.startsWith('\\u') ? Infinity : text.length)));
}
