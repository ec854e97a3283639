import type { TextRange } from '@kubidu/query/lazy';

import type { AnsiStyle } from './ansi-style.ts';
import { hiddenCharacters } from './hidden-character.ts';
import type { HiddenCharacter } from './hidden-character.ts';
import type { StyledText } from './styled-text.ts';

/** A piece of a line that is drawn in one way. */
export interface Segment {
  /** Where it begins, in UTF-16 units: what tells it from the others of its line. */
  readonly from: number;
  readonly text: string;
  readonly style: AnsiStyle | undefined;
  /** Whether the query looked for it. */
  readonly marked: boolean;
  /** Where the text is one hidden character. */
  readonly hidden: HiddenCharacter | undefined;
}

/**
 * Cuts a line where its style, what is marked, or what is hidden changes. Together the segments are the text. Undefined for
 * most lines, which are drawn as they are.
 *
 * @param marks ascending and apart, as `highlights` gives them
 */
export function segments(line: StyledText, marks: readonly TextRange[]): readonly Segment[] | undefined {
  const { text, runs } = line;
  const hidden = hiddenCharacters(text);
  if (runs.length === 0 && marks.length === 0 && hidden.length === 0) return undefined;
  const found: Segment[] = [];
  let [run, mark, hide] = [0, 0, 0];
  for (let at = 0; at < text.length;) {
    while ((runs[run]?.to ?? Infinity) <= at) run++;
    while ((marks[mark]?.to ?? Infinity) <= at) mark++;
    while ((hidden[hide]?.to ?? Infinity) <= at) hide++;
    const inMark = (marks[mark]?.from ?? Infinity) <= at;
    const character = (hidden[hide]?.from ?? Infinity) <= at ? hidden[hide] : undefined;
    const to = Math.min(
      text.length,
      runs[run]?.to ?? Infinity,
      (inMark ? marks[mark]?.to : marks[mark]?.from) ?? Infinity,
      (character ? character.to : hidden[hide]?.from) ?? Infinity,
    );
    found.push({ from: at, text: text.slice(at, to), style: runs[run]?.style, marked: inMark, hidden: character });
    at = to;
  }
  return found;
}
