import { RE2JS } from 're2js';

import { LogsError } from '../logs-error.ts';
import type { MaskedLine } from './masked-line.ts';

/**
 * What users want masked besides: expressions in the syntax of RE2 (https://github.com/google/re2/wiki/Syntax), which take
 * linear time on any text. Immutable.
 */
export class MaskPatterns {
  readonly #each: readonly RE2JS[];
  /** Whether a text has any of them is soon said; where they are is a slow question. */
  readonly #any: RE2JS | undefined;

  /** @throws {LogsError} INVALID_ARGUMENT that names the first one that is wrong by its place, and none by its text */
  constructor(patterns: readonly string[]) {
    this.#each = patterns.map((pattern, at) => compile(pattern, at + 1));
    if (patterns.length > 0) this.#any = RE2JS.compile(patterns.map((pattern) => `(?:${pattern})`).join('|'));
  }

  get none(): boolean {
    return this.#any === undefined;
  }

  /** Covers what each of the patterns matches. */
  find(line: MaskedLine): void {
    if (this.#any?.test(line.given) !== true) return;
    for (const pattern of this.#each) {
      const matcher = pattern.matcher(line.given);
      while (matcher.find()) line.cover(matcher.start(), matcher.end());
    }
  }
}

function compile(pattern: string, place: number): RE2JS {
  const compiled = parse(pattern, place);
  if (compiled.test('')) throw wrong(place, 'matches the empty text');
  return compiled;
}

function parse(pattern: string, place: number): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    throw wrong(place, describe(error, pattern));
  }
}

/** The library's words, and where in the pattern what it complains of begins. */
function describe(error: unknown, pattern: string): string {
  const { error: what, input } = error as { readonly error?: unknown; readonly input?: unknown };
  if (typeof what !== 'string') return 'is no RE2';
  const column = typeof input === 'string' && input !== pattern ? pattern.indexOf(input) + 1 : 0;
  return column > 0 ? `${what} at column ${column}` : what;
}

function wrong(place: number, message: string): LogsError {
  return new LogsError('INVALID_ARGUMENT', `pattern ${place}: ${message}`);
}
