import type { LogEntry } from '@kubidu/contracts';

import { styledText } from './styled-text.ts';
import type { StyledText } from './styled-text.ts';

/** How much of a long line is shown until its reader asks for all of it, in UTF-16 units. */
export const SHOWN_LENGTH = 4_096;

/** What a row shows of a message. */
export interface ShownLine extends StyledText {
  /** Size of the whole message in bytes, where only its beginning is shown. */
  readonly wholeBytes?: number;
}

/** Beginnings of long lines, which are dear to find: kept for as long as their entries are. */
const beginnings = new WeakMap<LogEntry, ShownLine>();

/** What is shown of an entry's message: its beginning, or with `whole` all of it. */
export function shownLine(entry: LogEntry, whole: boolean): ShownLine {
  if (whole || entry.message.length <= SHOWN_LENGTH) return styledText(entry.message);
  let line = beginnings.get(entry);
  if (!line) beginnings.set(entry, (line = beginning(entry.message)));
  return line;
}

function beginning(message: string): ShownLine {
  const { text, runs } = styledText(message);
  if (text.length <= SHOWN_LENGTH) return { text, runs };
  const to = isHighSurrogate(text.charCodeAt(SHOWN_LENGTH - 1)) ? SHOWN_LENGTH - 1 : SHOWN_LENGTH;
  const kept = runs.findIndex((run) => run.to >= to);
  return {
    // Another string, not a slice that keeps the long one in memory.
    text: structuredClone(text.slice(0, to)),
    runs: kept < 0 ? runs : runs.slice(0, kept + 1),
    wholeBytes: new TextEncoder().encode(message).length,
  };
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
