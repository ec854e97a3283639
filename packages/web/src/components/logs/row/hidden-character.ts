/** A character that one does not see, or that makes others be seen elsewhere than they stand. */
export interface HiddenCharacter {
  readonly from: number;
  readonly to: number;
  /** Like `U+202E`. */
  readonly code: string;
  /** What it is called, like `right-to-left override`. */
  readonly name: string;
}

/** Directions, joiners, spaces without width, fillers, line separators, tags. */
const HIDDEN =
  /[\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\u3164\ufeff\uffa0\ufff9-\ufffb]|\udb40[\udc00-\udc7f]/g;

const NAMES: Readonly<Record<string, string>> = {
  '00AD': 'soft hyphen',
  '061C': 'Arabic letter mark',
  '200B': 'zero width space',
  '200C': 'zero width non-joiner',
  '200D': 'zero width joiner',
  '200E': 'left-to-right mark',
  '200F': 'right-to-left mark',
  '2028': 'line separator',
  '2029': 'paragraph separator',
  '202A': 'left-to-right embedding',
  '202B': 'right-to-left embedding',
  '202C': 'end of direction',
  '202D': 'left-to-right override',
  '202E': 'right-to-left override',
  '2060': 'word joiner',
  '2066': 'left-to-right isolate',
  '2067': 'right-to-left isolate',
  '2068': 'first strong isolate',
  '2069': 'end of isolate',
  FEFF: 'zero width no-break space',
};

/** Most that are made visible in one text; those behind them stay as they are, within their row. */
const MOST = 1_000;

/** The hidden characters of a text, from left to right. A joiner between letters or emoji does its work and is no such. */
export function hiddenCharacters(text: string): readonly HiddenCharacter[] {
  if (text.search(HIDDEN) < 0) return NONE;
  const found: HiddenCharacter[] = [];
  for (const { 0: character, index } of text.matchAll(HIDDEN)) {
    const to = index + character.length;
    if (/[\u200c\u200d]/.test(character) && isWord(text, index - 1) && isWord(text, to)) continue;
    const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
    found.push({ from: index, to, code: `U+${code}`, name: NAMES[code] ?? 'invisible character' });
    if (found.length === MOST) break;
  }
  return found;
}

const NONE: readonly HiddenCharacter[] = [];

/** Whether a character stands there with which a joiner makes sense: none of ASCII. */
function isWord(text: string, at: number): boolean {
  return (text.codePointAt(at) ?? 0) > 0x7f;
}
