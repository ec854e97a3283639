import { isReset, RESET, TOKEN } from './control-tokens.ts';
import { lastState } from './overwritten-line.ts';

/** Everything a terminal could take for a command: C0 and C1 controls, but for the tab. */
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f-\x9f]/;

/** What moves inside the line: then what is seen at the end is not what stands one after the other. */
const MOVES = /[\r\b]|(?:\x1b\[|\x9b)\d*[GK]/;

/**
 * A message as a terminal may have it: no control but colours and tabs; of what a progress bar overwrites, the last state.
 * Without `colours` those go too. A colour that is left open is closed, so that it does not run into the next line.
 */
export function terminalText(message: string, colours: boolean): string {
  if (!CONTROL.test(message)) return message;
  const line = message.replace(/\r+$/, '');
  if (MOVES.test(line)) return lastState(line, colours);
  let open = false;
  const text = line.replace(TOKEN, (token) => {
    if (!colours || !isColour(token)) return '';
    open = !isReset(token);
    return token;
  });
  return open ? text + RESET : text;
}

/** Whether this is exactly one colour sequence. */
function isColour(token: string): boolean {
  return token.endsWith('m') && /^\x1b\[[0-9;:]*m$/.test(token);
}
