import type { LogEntry } from '@kubidu/contracts';

/** What JSON leaves as it is and some terminals take for commands: DEL and the C1 controls. */
const C1 = /[\x7f-\x9f]/;

/** An entry as one line of JSON. The same value whichever terminal shows it. */
export function jsonLine(entry: LogEntry): string {
  const line = JSON.stringify(entry);
  if (!C1.test(line)) return line;
  return line.replace(/[\x7f-\x9f]/g, (control) => `\\u00${control.charCodeAt(0).toString(16)}`);
}
