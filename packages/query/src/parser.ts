import { LIMITS } from '@kubidu/contracts/limits';

import { join } from './expression.ts';
import type { Demand, Expression, Glob, Operator, Pattern } from './expression.ts';
import { levelsOf, ORDER } from './level-demand.ts';
import { QueryError } from './query-error.ts';
import { patternEngine } from './pattern-engine.ts';
import { PatternsAbsent } from './patterns-absent.ts';
import type { Token } from './token.ts';
import { tokens } from './tokens.ts';

const STREAMS = ['stdout', 'stderr', 'system'];
const COMPARISON = /^([<>]=?)(.*)$/s;
const NUMBER = /^[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i;

type Text = Extract<Token, { readonly type: 'word' | 'phrase' | 'pattern' }>;

/**
 * What a query says. Terms side by side must all match, `OR` binds less than that, `-` more. Its time is linear in the
 * query's length, and length, terms, depth and patterns are bounded (see LIMITS).
 * @throws {QueryError}
 */
export function parse(text: string): Expression {
  if (text.length > LIMITS.queryLength)
    throw new QueryError(text, LIMITS.queryLength, `a query has at most ${LIMITS.queryLength} characters`);
  return new Parser(text.toWellFormed()).parse();
}

class Parser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #at = 0;
  #terms = 0;
  #depth = 0;
  #patternSize = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokens(text);
  }

  parse(): Expression {
    if (this.#peek().type === 'end') return { type: 'everything' };
    const expression = this.#any(undefined);
    if (this.#peek().type === ')') throw this.#mistake(this.#peek().at, 'this parenthesis closes nothing');
    return expression;
  }

  #peek(): Token {
    return this.#tokens[this.#at] as Token; // `end` is never passed
  }

  /** Terms with `OR` between them. Within `field:( … )` they are values of that field. */
  #any(field: string | undefined): Expression {
    const parts = [this.#all(field)];
    while (this.#peek().type === 'or') {
      this.#at++;
      parts.push(this.#all(field));
    }
    return join('or', parts);
  }

  #all(field: string | undefined): Expression {
    const parts = [this.#term(field)];
    for (;;) {
      const { type } = this.#peek();
      if (type === 'or' || type === ')' || type === 'end') return join('and', parts);
      if (type === 'and') this.#at++;
      parts.push(this.#term(field));
    }
  }

  #term(field: string | undefined): Expression {
    const token = this.#peek();
    switch (token.type) {
      case 'not':
        return this.#deeper(token.at, () => ({ type: 'not', of: this.#term(field) }));
      case '(':
        return this.#deeper(token.at, () => this.#group(token.at, field));
      case 'field':
        return this.#field(token.name, token.at, field);
      case 'word':
      case 'phrase':
      case 'pattern':
        this.#at++;
        this.#count(token.at);
        return field === undefined ? this.#textTerm(token) : this.#value(field, token);
      case ')':
      case 'end':
      case 'or':
      case 'and':
        throw this.#mistake(token.at, `${named(token.type)} where a word was expected`);
    }
  }

  /** What begins with the present token, one level deeper. */
  #deeper(at: number, read: () => Expression): Expression {
    if (++this.#depth > LIMITS.queryDepth)
      throw this.#mistake(at, `a query is at most ${LIMITS.queryDepth} parentheses deep`);
    this.#at++;
    const expression = read();
    this.#depth--;
    return expression;
  }

  #group(at: number, field: string | undefined): Expression {
    if (this.#peek().type === ')')
      throw this.#mistake(at, 'the parentheses are empty; put them in quotes to look for them');
    const expression = this.#any(field);
    if (this.#peek().type !== ')') throw this.#mistake(at, 'the parenthesis is not closed');
    this.#at++;
    return expression;
  }

  #field(name: string, at: number, outer: string | undefined): Expression {
    if (outer !== undefined)
      throw this.#mistake(at, `these are values of ${outer}; put a value with a colon in quotes`);
    this.#at++;
    return this.#term(name);
  }

  #textTerm(token: Text): Expression {
    if (token.type === 'pattern') return { type: 'text', demand: this.#pattern(token) };
    if (token.text === '') throw this.#mistake(token.at, 'there is nothing between the quotes');
    const pieces = piecesOf(token).filter((piece) => piece !== '');
    return pieces.length === 0 ? { type: 'everything' } : { type: 'text', demand: { type: 'glob', pieces } };
  }

  #value(name: string, token: Text): Expression {
    return { type: 'field', name, demand: this.#demand(name, token) };
  }

  #demand(name: string, token: Text): Demand {
    if (token.type === 'pattern') return this.#pattern(token);
    const [, sign, rest = ''] = token.type === 'word' ? (COMPARISON.exec(token.text) ?? []) : [];
    const operator = sign as Operator | undefined;
    if (token.type === 'word' && /^\*+$/.test(token.text)) return { type: 'exists' };
    if (name === 'level') return this.#levels(token, operator === undefined ? token.text : rest, operator);
    if (operator !== undefined) {
      if (!NUMBER.test(rest)) throw this.#mistake(token.at + operator.length, `a number must follow ${operator}`);
      return { type: 'compare', operator, number: Number(rest) };
    }
    const glob: Glob = { type: 'glob', pieces: piecesOf(token) };
    if (name === 'stream' && glob.pieces.length === 1 && !STREAMS.includes(glob.pieces[0] ?? ''))
      throw this.#mistake(token.at, `there is no such stream; there are ${STREAMS.join(', ')}`);
    return glob;
  }

  #levels(token: Text, name: string, operator: Operator | undefined): Demand {
    const levels = levelsOf(name, operator);
    if (levels) return { type: 'levels', levels };
    const at = token.at + (operator?.length ?? 0);
    throw this.#mistake(at, `there is no such level; there are ${ORDER.join(', ').toLowerCase()}`);
  }

  #pattern({ at, source, flags }: Extract<Token, { readonly type: 'pattern' }>): Pattern {
    const pattern: Pattern = { type: 'pattern', source, flags };
    const engine = patternEngine();
    if (!engine) throw new PatternsAbsent(this.#text, at, 'fetching what runs patterns …');
    const compiled = engine.compilePattern(pattern);
    if (typeof compiled === 'string') throw this.#mistake(at, compiled);
    this.#patternSize += compiled.size;
    if (this.#patternSize > LIMITS.queryPatternSize)
      throw this.#mistake(at, 'the pattern is too large; repeat less often than {n} does here, or use fewer patterns');
    return pattern;
  }

  #count(at: number): void {
    if (++this.#terms > LIMITS.queryTerms) throw this.#mistake(at, `a query has at most ${LIMITS.queryTerms} terms`);
  }

  #mistake(at: number, words: string): QueryError {
    return new QueryError(this.#text, at, words);
  }
}

/** What lies between the stars of a word; a phrase has none. ASCII in lower case, so that equal queries look equal. */
function piecesOf(token: Extract<Token, { readonly type: 'word' | 'phrase' }>): string[] {
  const text = token.text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
  return token.type === 'word' ? text.split(/\*+/) : [text];
}

function named(type: ')' | 'end' | 'or' | 'and'): string {
  if (type === 'end') return 'the query ends';
  return type === ')' ? '")" comes' : `${type.toUpperCase()} comes`;
}
