/**
 * One token of a line with controls, after ECMA-48 and xterm's control sequences: colours (kept), any other control
 * sequence, a string up to its terminator (titles, links, device strings), any other escape, a lone control. What opens a
 * string and never closes it loses its opening only, so that it cannot hide text. No part of it can run over another's
 * opening, so time stays linear on hostile lines.
 */
export const TOKEN = new RegExp(
  [
    String.raw`(?<colour>\x1b\[[0-9;:]*m)`,
    String.raw`(?:\x1b\[|\x9b)(?<number>\d*)(?<move>[GK])`,
    String.raw`(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?`,
    String.raw`(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x80-\x9f]*(?:\x07|\x1b\\|\x9c)`,
    String.raw`\x1b[ -/]*[0-~]?`,
    String.raw`(?<control>[\x00-\x08\x0a-\x1f\x7f-\x9f])`,
  ].join('|'),
  'g',
);

export const RESET = '\x1b[0m';

/** Whether this colour sequence takes all others back. */
export function isReset(token: string): boolean {
  return token === '\x1b[m' || token === RESET;
}
