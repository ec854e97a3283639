import type { LogEntry } from '@kubidu/contracts';
import { messageText, shortTime, terminalText } from '@kubidu/text';

/** What stands before the messages. */
export interface CopyOptions {
  /** Times in UTC, to the millisecond. Default false. */
  readonly timestamps?: boolean;
  /** Pod and container, where there is one. Default false. */
  readonly source?: boolean;
}

/**
 * Entries as plain text, one a line, each with its line feed, as `kubidu logs` prints them without colours: no control but
 * tabs, progress bars in their last state, a mark where the system speaks or something was cut. Of a message nothing else
 * is changed, hidden characters included.
 */
export function copyText(entries: readonly LogEntry[], options: CopyOptions = {}): string {
  let text = '';
  for (const entry of entries) text += `${prefix(entry, options)}${messageText(entry, false)}\n`;
  return text;
}

function prefix(entry: LogEntry, { timestamps = false, source = false }: CopyOptions): string {
  const { podName, container } = entry;
  let text = timestamps ? `${shortTime(entry.timestamp)} ` : '';
  if (source && podName !== undefined)
    text += `${terminalText(container === undefined ? podName : `${podName} ${container}`, false)} `;
  return text;
}
