import type { Demand, Expression, Glob, Pattern } from './expression.ts';
import { OWN_FIELDS } from './own-fields.ts';
import { enginePresent } from './pattern-engine.ts';
import type { RequiredText } from './re2-pattern.ts';

/** What must stand in the JSON of an entry, as JSON.stringify writes it, for the entry to match. */
export type Need =
  /** A text, in capitals or not; `exact` where only as it is. */
  | { readonly type: 'text'; readonly text: string; readonly exact?: true }
  /** A level of the entry. */
  | { readonly type: 'levels'; readonly levels: readonly string[] }
  | { readonly type: 'all' | 'any'; readonly of: readonly Need[] };

/** What JSON.stringify writes otherwise than it is: quotes, backslashes, control characters. */
const ESCAPED = /["\\\p{Cc}]+/u;
/** Within a line of JSON a slash may be escaped too. */
const ESCAPED_TWICE = /["\\/\p{Cc}]+/u;
/** An escape character as JSON has it: colours may stand within what looks like one word. */
const COLOURED: Need = { type: 'text', text: '\\u001b', exact: true };
/** Within a line of JSON or logfmt any character may be written like this. */
const ENCODED: Need = { type: 'text', text: '\\u', exact: true };

/** What an entry needs to match; undefined where nothing is known. Entries that do not match may have it all the same. */
export function needOf(expression: Expression): Need | undefined {
  switch (expression.type) {
    case 'everything':
    case 'not': // what must not be there tells nothing of what must
      return undefined;
    case 'and':
      return all(expression.of.map(needOf));
    case 'or':
      return any(expression.of.map(needOf));
    case 'text':
      return unless(COLOURED, textNeed(expression.demand, ESCAPED));
    case 'field':
      return OWN_FIELDS.has(expression.name)
        ? ownField(expression.name, expression.demand)
        : unless(ENCODED, innerField(expression.name, expression.demand));
  }
}

function ownField(name: string, demand: Demand): Need | undefined {
  if (demand.type === 'levels') return { type: 'levels', levels: demand.levels };
  const key: Need = { type: 'text', text: `"${OWN_FIELDS.get(name)}":`, exact: true };
  return all([key, isText(demand) ? textNeed(demand, ESCAPED) : undefined]);
}

/** Of an entry, or of the line that is its message: the parts of the name stand somewhere, and the value. */
function innerField(name: string, demand: Demand): Need | undefined {
  const keys = name.split(/[./]/).filter((key) => key !== '');
  return all([
    ...keys.map((text): Need => ({ type: 'text', text, exact: true })),
    isText(demand) ? textNeed(demand, ESCAPED_TWICE) : undefined,
  ]);
}

/** Whether the value stands there as it is: a number may be written in several ways. */
function isText(demand: Demand): demand is Glob | Pattern {
  if (demand.type === 'pattern') return true;
  return demand.type === 'glob' && (demand.pieces.length > 1 || Number.isNaN(Number(demand.pieces[0])));
}

function textNeed(demand: Demand, escaped: RegExp): Need | undefined {
  if (demand.type === 'glob') return all(demand.pieces.map((piece) => stretches(piece, escaped)));
  return demand.type === 'pattern' ? patternNeed(enginePresent().requiredText(demand), escaped) : undefined;
}

function patternNeed(required: RequiredText | undefined, escaped: RegExp): Need | undefined {
  if (required === undefined) return undefined;
  if (typeof required === 'string') return stretches(required, escaped);
  const of = required.of.map((one) => patternNeed(one, escaped));
  return required.type === 'all' ? all(of) : any(of);
}

/** The stretches of a text that are written as they are, the longest first. */
function stretches(text: string, escaped: RegExp): Need | undefined {
  const parts = text.split(escaped).filter((stretch) => stretch !== '');
  return all(parts.sort((a, b) => b.length - a.length).map((stretch): Need => ({ type: 'text', text: stretch })));
}

function all(needs: readonly (Need | undefined)[]): Need | undefined {
  const of = needs.filter((need) => need !== undefined);
  return of.length <= 1 ? of[0] : { type: 'all', of };
}

function any(needs: readonly (Need | undefined)[]): Need | undefined {
  const of = needs.filter((need) => need !== undefined);
  return of.length === needs.length ? { type: 'any', of } : undefined;
}

function unless(marker: Need, need: Need | undefined): Need | undefined {
  return need && { type: 'any', of: [need, marker] };
}
