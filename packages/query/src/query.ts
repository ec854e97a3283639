import type { LogEntry } from '@kubidu/contracts';

import { evaluator } from './evaluator.ts';
import type { Expression } from './expression.ts';
import { literals, mayHave } from './literals.ts';
import type { Digest } from './literals.ts';
import { needOf } from './need.ts';
import type { Need } from './need.ts';
import { parse } from './parser.ts';
import { patternScreen } from './pattern-screen.ts';
import { screenOf } from './screen.ts';
import type { Screen } from './screen.ts';
import { Subject } from './subject.ts';

/** Characters of a text that few lines hold by chance. */
const LONG = 3;

/** A query that is ready to be asked, any number of times. Keeps nothing of what it saw. */
export class Query {
  /** As it was written. */
  readonly text: string;
  /** The same for queries that say the same, whatever their spaces, parentheses and capitals. */
  readonly key: string;
  /** Whether it lets everything pass: nothing was asked for. */
  readonly everything: boolean;
  /** What it says, as data. */
  readonly expression: Expression;
  /** Looks for lines that may match in bytes of many; undefined where every line has to be looked at. */
  readonly screen: Screen | undefined;
  readonly #test: (subject: Subject) => boolean;
  readonly #need: Need | undefined;
  readonly #literals: ((json: string) => boolean) | undefined;

  /** Use {@link compile}. */
  constructor(text: string) {
    const expression = parse(text);
    this.text = text;
    this.expression = expression;
    this.key = JSON.stringify(expression);
    this.everything = expression.type === 'everything';
    this.#test = evaluator(expression);
    this.#need = needOf(expression);
    this.screen = screenFor(expression, this.#need);
    this.#literals = this.#need && literals(this.#need);
  }

  /** Whether an entry matches. Never throws; time is linear in the entry's length. */
  matches(entry: LogEntry): boolean {
    return this.#test(new Subject(entry));
  }

  /** Whether it needs something to stand in an entry, so that {@link mayMatchAny} may say no. */
  get isSelective(): boolean {
    return this.#need !== undefined;
  }

  /** Whether one of many entries may match, by what is known of all of them. False is never wrong. */
  mayMatchAny(digest: Digest): boolean {
    return this.#need === undefined || mayHave(this.#need, digest);
  }

  /** Whether the entry with this JSON, as JSON.stringify writes it, may match; where not, it need not be parsed. */
  mayMatch(json: string): boolean {
    return this.#literals?.(json) ?? true;
  }
}

/**
 * Reads a query; an empty one lets everything pass.
 * @throws {QueryError} with the column of the first mistake
 */
export function compile(text: string): Query {
  return new Query(text);
}

/** Long texts are found faster than patterns, and patterns faster than what nearly every line holds. */
function screenFor(expression: Expression, need: Need | undefined): Screen | undefined {
  const texts = need && screenOf(need);
  if (texts && texts.shortest >= LONG) return texts.screen;
  return patternOf(expression) ?? texts?.screen;
}

function patternOf(expression: Expression): Screen | undefined {
  if (expression.type === 'and') {
    for (const part of expression.of) {
      const screen = patternOf(part);
      if (screen) return screen;
    }
  }
  return expression.type === 'text' && expression.demand.type === 'pattern'
    ? patternScreen(expression.demand)
    : undefined;
}
