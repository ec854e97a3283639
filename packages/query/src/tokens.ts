import { isOwnField } from './own-fields.ts';
import { QueryError } from './query-error.ts';
import type { Token } from './token.ts';

const SPACE = /\s/;
const RUN = /[^\s()"]+/y;
const FIELD = /([A-Za-z_@][\w@./-]*):/y;
const FLAGS = /([gims]{0,4})(?=[\s)]|$)/y;
const OPERATORS: ReadonlyMap<string, 'or' | 'and' | 'not'> = new Map([
  ['OR', 'or'],
  ['AND', 'and'],
  ['NOT', 'not'],
]);

/** The pieces of a query; the last one is `end`. @throws {QueryError} */
export function tokens(text: string): Token[] {
  const scanner = new Scanner(text);
  const found: Token[] = [];
  for (;;) {
    const token = scanner.next();
    found.push(token);
    if (token.type === 'end') return found;
  }
}

class Scanner {
  readonly #text: string;
  #at = 0;
  #behindField = false;

  constructor(text: string) {
    this.#text = text;
  }

  next(): Token {
    const behindField = this.#behindField;
    this.#behindField = false;
    while (SPACE.test(this.#text.charAt(this.#at))) this.#at++;
    const at = this.#at;
    switch (this.#text.charAt(at)) {
      case '':
        return { type: 'end', at };
      case '(':
        this.#at++;
        return { type: '(', at };
      case ')':
        this.#at++;
        return { type: ')', at };
      case '"':
        return this.#phrase();
      case '/':
        return this.#pattern() ?? this.#word();
      case '-':
        if (!behindField) return this.#minus();
    }
    return behindField ? this.#word() : (this.#field() ?? this.#operator() ?? this.#word());
  }

  #minus(): Token {
    const at = this.#at++;
    const next = this.#text.charAt(this.#at);
    if (next === '' || next === ')' || SPACE.test(next))
      throw this.#mistake(at, 'nothing follows "-"; put it in quotes to look for it');
    if (next === '-') throw this.#mistake(at, 'put what begins with "--" in quotes to look for it');
    return { type: 'not', at };
  }

  #phrase(): Token {
    const at = this.#at;
    let text = '';
    for (let to = at + 1; to < this.#text.length; to++) {
      const character = this.#text.charAt(to);
      if (character === '"') {
        this.#at = to + 1;
        return { type: 'phrase', at, text };
      }
      // Any other backslash means itself: `"C:\temp"`.
      if (character === '\\' && /["\\]/.test(this.#text.charAt(to + 1))) to++;
      text += this.#text.charAt(to);
    }
    throw this.#mistake(at, 'the quote is not closed');
  }

  /** `/…/` with flags behind it and then nothing more; anything else that begins with a slash is a path. */
  #pattern(): Token | undefined {
    const at = this.#at;
    let path = false;
    for (let to = at + 1; to < this.#text.length; to++) {
      const character = this.#text.charAt(to);
      if (character === '\\') to++;
      else if (path && SPACE.test(character)) return undefined;
      else if (character === '/') {
        const flags = this.#take(FLAGS, to + 1)?.[1];
        path = flags === undefined || to === at + 1;
        if (path || flags === undefined) continue;
        this.#at = to + 1 + flags.length;
        return { type: 'pattern', at, source: this.#text.slice(at + 1, to), flags: flags.replaceAll('g', '') };
      }
    }
    return undefined;
  }

  #field(): Token | undefined {
    const at = this.#at;
    const name = this.#take(FIELD, at)?.[1];
    if (name === undefined) return undefined;
    const behind = at + name.length + 1;
    const next = this.#text.charAt(behind);
    if (next === '' || next === ')' || SPACE.test(next)) {
      // `error: connection refused` is what a line says; `level: error` is a slip.
      if (!isOwnField(name)) return undefined;
      throw this.#mistake(behind, `${name}: has no value; it stands right behind the colon`);
    }
    if (this.#text.startsWith('//', behind)) return undefined; // https://…
    this.#at = behind;
    this.#behindField = true;
    return { type: 'field', at, name };
  }

  #operator(): Token | undefined {
    const at = this.#at;
    const run = this.#take(RUN, at)?.[0] ?? '';
    const type = OPERATORS.get(run);
    if (!type) return undefined;
    this.#at += run.length;
    return { type, at };
  }

  #word(): Token {
    const at = this.#at;
    const text = this.#take(RUN, at)?.[0] ?? '';
    this.#at += text.length;
    return { type: 'word', at, text };
  }

  #take(expression: RegExp, at: number): RegExpExecArray | null {
    expression.lastIndex = at;
    return expression.exec(this.#text);
  }

  #mistake(at: number, words: string): QueryError {
    return new QueryError(this.#text, at, words);
  }
}
