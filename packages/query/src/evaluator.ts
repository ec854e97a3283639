import type { Demand, Expression, Glob, Operator, Pattern } from './expression.ts';
import { contains, equals } from './glob-test.ts';
import { enginePresent } from './pattern-engine.ts';
import type { Subject } from './subject.ts';

type Test = (subject: Subject) => boolean;

/** Makes an expression into the test that decides: nothing else says whether an entry matches. */
export function evaluator(expression: Expression): Test {
  switch (expression.type) {
    case 'everything':
      return () => true;
    case 'and': {
      const tests = expression.of.map(evaluator);
      return (subject) => tests.every((test) => test(subject));
    }
    case 'or': {
      const tests = expression.of.map(evaluator);
      return (subject) => tests.some((test) => test(subject));
    }
    case 'not': {
      const test = evaluator(expression.of);
      return (subject) => !test(subject);
    }
    case 'text': {
      const { demand } = expression;
      const test = demand.type === 'glob' ? contains(demand) : patternTest(demand);
      return ({ text }) => test(text);
    }
    case 'field': {
      const { name, demand } = expression;
      const test = valueTest(demand);
      return (subject) => subject.values(name).some(test);
    }
  }
}

function valueTest(demand: Demand): (value: unknown) => boolean {
  switch (demand.type) {
    case 'exists':
      return () => true;
    case 'levels':
      return (value) => (demand.levels as readonly unknown[]).includes(value);
    case 'compare': {
      const compare = COMPARISONS[demand.operator];
      return (value) => compare(numberOf(value), demand.number);
    }
    case 'pattern':
      return ofText(patternTest(demand));
    case 'glob':
      return globTest(demand);
  }
}

/** A number is the same number however it is written: `status:200` finds `200.0` too. */
function globTest(glob: Glob): (value: unknown) => boolean {
  const same = ofText(equals(glob));
  const number = glob.pieces.length === 1 ? numberOf(glob.pieces[0]) : Number.NaN;
  return Number.isNaN(number) ? same : (value) => numberOf(value) === number || same(value);
}

function ofText(test: (text: string) => boolean): (value: unknown) => boolean {
  return (value) => {
    if (typeof value === 'string') return test(value);
    return typeof value === 'object' && value !== null ? false : test(String(value));
  };
}

function patternTest(pattern: Pattern): (text: string) => boolean {
  const compiled = enginePresent().compilePattern(pattern);
  if (typeof compiled === 'string') throw new Error(`a pattern passed the parser and is none: ${compiled}`);
  return (text) => compiled.test(text);
}

const COMPARISONS: Readonly<Record<Operator, (a: number, b: number) => boolean>> = {
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
};

const NUMBER = /^[+-]?\d{1,300}(?:\.\d{1,300})?(?:e[+-]?\d{1,3})?$/i;

/** NaN, with which no comparison is true, for what is no number. */
function numberOf(value: unknown): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && NUMBER.test(value) ? Number(value) : Number.NaN;
}
