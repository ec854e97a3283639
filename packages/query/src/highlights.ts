import type { Expression, Glob, Pattern } from './expression.ts';
import { escape } from './glob-test.ts';
import { enginePresent } from './pattern-engine.ts';
import type { Query } from './query.ts';
import type { TextRange } from './text-range.ts';

/** Finds one term of a query, again and again, from left to right. */
type Finder = (text: string) => Iterable<TextRange>;

/** Most ranges that are given of one text; what would come behind them is not marked. */
const MOST = 1_000;

/** How much a pattern may look at in one text: each search for the next match may run to the text's end. */
const LOOKED_AT = 2 * 1024 * 1024;

const findersOf = new WeakMap<Query, readonly Finder[]>();

/**
 * What of a text a query looked for: its words, phrases and patterns that are not negated, wherever they stand. Fields are
 * not looked for. Ascending, not overlapping and not touching; at most 1,000. `text` is what a reader sees, without
 * colours. Never throws; time is linear in the text's length.
 */
export function highlights(query: Query, text: string): readonly TextRange[] {
  if (query.everything || text === '') return NONE;
  let finders = findersOf.get(query);
  if (!finders) findersOf.set(query, (finders = [...findersIn(query.expression)]));
  const ranges: TextRange[] = [];
  for (const finder of finders) {
    let room = MOST;
    for (const range of finder(text)) {
      ranges.push(range);
      if (--room === 0) break;
    }
  }
  return ranges.length === 0 ? NONE : merged(ranges);
}

const NONE: readonly TextRange[] = [];

function* findersIn(expression: Expression): Iterable<Finder> {
  switch (expression.type) {
    case 'and':
    case 'or':
      for (const one of expression.of) yield* findersIn(one);
      return;
    case 'text':
      yield expression.demand.type === 'glob' ? globFinder(expression.demand) : patternFinder(expression.demand);
      return;
    case 'everything':
    case 'not': // what must not be there is not there
    case 'field':
  }
}

/** The pieces of a glob, each as early as it comes behind the one before, over and over. */
function globFinder({ pieces }: Glob): Finder {
  const expressions = pieces.map((piece) => new RegExp(escape(piece), 'giu'));
  return function* (text) {
    for (let at = 0; ;) {
      const ranges: TextRange[] = [];
      for (const expression of expressions) {
        expression.lastIndex = at;
        const match = expression.exec(text);
        if (!match) return;
        at = expression.lastIndex;
        ranges.push({ from: match.index, to: at });
      }
      yield* ranges;
    }
  };
}

function patternFinder(pattern: Pattern): Finder {
  const compiled = enginePresent().compilePattern(pattern);
  if (typeof compiled === 'string') throw new Error(`a pattern passed the parser and is none: ${compiled}`);
  return function* (text) {
    let left = LOOKED_AT;
    for (const range of compiled.matches(text)) {
      yield range;
      left -= text.length;
      if (left < 0) return;
    }
  };
}

/** In order, and as one where they meet. */
function merged(ranges: TextRange[]): readonly TextRange[] {
  ranges.sort((a, b) => a.from - b.from);
  const apart: { from: number; to: number }[] = [];
  for (const { from, to } of ranges) {
    const last = apart.at(-1);
    if (last && from <= last.to) last.to = Math.max(last.to, to);
    else if (apart.length < MOST) apart.push({ from, to });
    else break;
  }
  return apart;
}
