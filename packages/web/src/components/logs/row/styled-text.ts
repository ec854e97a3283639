import { terminalText } from '@kubidu/text';

import { restyled } from './ansi-style.ts';
import type { AnsiStyle } from './ansi-style.ts';

/** A stretch of a text and its style; it begins where the one before ends. `to` is behind it, in UTF-16 units. */
interface Run {
  readonly to: number;
  readonly style: AnsiStyle | undefined;
}

/** What one sees of a message: text without any control but tabs, and how it is drawn. No run at all means: as it is. */
export interface StyledText {
  readonly text: string;
  readonly runs: readonly Run[];
}

/** Most runs of one text; what stands behind them is drawn as it is. */
const MOST_RUNS = 1_000;

const COLOUR = /\x1b\[([0-9;:]*)m/g;
const NONE: readonly Run[] = [];

/**
 * A message as a terminal would show it in the end: colours become runs, a progress bar is in its last state, a link is
 * its text, every other control sequence is dropped. A style ends with its message. Time is linear in the length.
 */
export function styledText(message: string): StyledText {
  const shown = terminalText(message, true);
  if (!shown.includes('\x1b')) return { text: shown, runs: NONE };
  const runs: Run[] = [];
  let text = '';
  let at = 0;
  let style: AnsiStyle | undefined;
  for (const { 0: sequence, 1: parameters = '', index } of shown.matchAll(COLOUR)) {
    if (index > at) {
      text += shown.slice(at, index);
      if (runs.length < MOST_RUNS) runs.push({ to: text.length, style });
    }
    at = index + sequence.length;
    style = restyled(style, parameters);
  }
  text += shown.slice(at);
  return { text, runs: runs.some((run) => run.style !== undefined) ? runs : NONE };
}
