import type { Glob } from './expression.ts';

/** Makes text of a query mean itself in a regular expression. */
export function escape(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

/** Whether the pieces occur in a text, one behind the other. */
export function contains({ pieces }: Glob): (text: string) => boolean {
  const [only = ''] = pieces;
  if (pieces.length === 1) {
    const expression = new RegExp(escape(only), 'iu');
    return (text) => expression.test(text);
  }
  const expressions = pieces.map((piece) => new RegExp(escape(piece), 'giu'));
  return (text) => behind(expressions, text, 0) >= 0;
}

/** Whether a text is the pieces with anything between them. */
export function equals({ pieces }: Glob): (text: string) => boolean {
  const [first = '', ...rest] = pieces;
  const last = rest.pop();
  if (last === undefined) {
    const expression = new RegExp(`^${escape(first)}$`, 'iu');
    return (text) => expression.test(text);
  }
  const begins = new RegExp(escape(first), 'iuy');
  const ends = new RegExp(`${escape(last)}$`, 'iuy');
  const expressions = rest.map((piece) => new RegExp(escape(piece), 'giu'));
  return (text) => {
    begins.lastIndex = 0;
    if (!begins.test(text)) return false;
    const at = behind(expressions, text, begins.lastIndex);
    // Letters that differ in case only are equally long in UTF-16.
    ends.lastIndex = text.length - last.length;
    return at >= 0 && at <= text.length - last.length && ends.test(text);
  };
}

/** Where the last of the pieces stops, each taken as early as it comes; -1 where one is missing. Not a backtracking search. */
function behind(pieces: readonly RegExp[], text: string, from: number): number {
  let at = from;
  for (const piece of pieces) {
    piece.lastIndex = at;
    if (!piece.test(text)) return -1;
    at = piece.lastIndex;
  }
  return at;
}
