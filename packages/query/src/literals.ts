import type { Demand, Expression, Glob } from './expression.ts';
import { escape } from './glob-test.ts';
import { OWN_FIELDS } from './own-fields.ts';

/** Whether an entry may match, by its JSON alone. */
type JsonTest = (json: string) => boolean;

/** What JSON.stringify writes otherwise than it is: quotes, backslashes, control characters. */
const ESCAPED = /["\\\p{Cc}]+/u;
/** Within a line of JSON a slash may be escaped too. */
const ESCAPED_TWICE = /["\\/\p{Cc}]+/u;
/** An escape character as JSON has it: colours may stand within what looks like one word. */
const COLOURED = '\\u001b';
/** Within a line of JSON or logfmt any character may be written like this. */
const ENCODED = '\\u';

/**
 * The first tier of a query: what must stand in the JSON of an entry, as JSON.stringify writes it, for the entry to match.
 * Looking for that is several times faster than parsing. Undefined where nothing must; true may be wrong, false never is.
 */
export function literals(expression: Expression): JsonTest | undefined {
  switch (expression.type) {
    case 'everything':
    case 'not': // what must not be there tells nothing of what must
      return undefined;
    case 'and':
      return every(expression.of.map(literals).filter((test) => test !== undefined));
    case 'or': {
      const tests = expression.of.map(literals);
      return tests.every((test) => test !== undefined) ? (json) => tests.some((test) => test(json)) : undefined;
    }
    case 'text':
      return expression.demand.type === 'glob' ? unless(COLOURED, pieces(expression.demand, ESCAPED)) : undefined;
    case 'field':
      return OWN_FIELDS.has(expression.name)
        ? ownField(expression.name, expression.demand)
        : unless(ENCODED, innerField(expression.name, expression.demand));
  }
}

function ownField(name: string, demand: Demand): JsonTest | undefined {
  const key = `"${OWN_FIELDS.get(name)}":`;
  if (demand.type === 'levels') {
    const expression = new RegExp(`${key}"(?:${demand.levels.join('|')})"`);
    return (json) => expression.test(json);
  }
  const value = isText(demand) ? pieces(demand, ESCAPED) : undefined;
  return every([(json) => json.includes(key), ...(value ? [value] : [])]);
}

/** Of an entry, or of the line that is its message: the parts of the name stand somewhere, and the value. */
function innerField(name: string, demand: Demand): JsonTest | undefined {
  const keys = name.split(/[./]/).filter((key) => key !== '');
  const value = isText(demand) ? pieces(demand, ESCAPED_TWICE) : undefined;
  return every([
    ...keys.map(
      (key): JsonTest =>
        (json) =>
          json.includes(key),
    ),
    ...(value ? [value] : []),
  ]);
}

/** Whether the value stands there as it is: a number may be written in several ways. */
function isText(demand: Demand): demand is Glob {
  return demand.type === 'glob' && (demand.pieces.length > 1 || Number.isNaN(Number(demand.pieces[0])));
}

/** The longest stretch of each piece that is written as it is. */
function pieces(glob: Glob, escaped: RegExp): JsonTest | undefined {
  const longest = glob.pieces
    .map((piece) => piece.split(escaped).reduce((best, one) => (one.length > best.length ? one : best), ''))
    .filter((stretch) => stretch !== '');
  return every(
    longest.map((stretch) => {
      const expression = new RegExp(escape(stretch), 'iu');
      return (json) => expression.test(json);
    }),
  );
}

function every(tests: readonly JsonTest[]): JsonTest | undefined {
  const [only] = tests;
  return tests.length <= 1 ? only : (json) => tests.every((test) => test(json));
}

function unless(marker: string, test: JsonTest | undefined): JsonTest | undefined {
  return test && ((json) => test(json) || json.includes(marker));
}
