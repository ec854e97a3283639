import type { Level } from '@kubidu/contracts';

import type { Operator } from './expression.ts';

/** From the least to the most severe. */
export const ORDER: readonly Level[] = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];

/** Names that other loggers use. */
const ALIASES: ReadonlyMap<string, Level> = new Map([
  ['VERBOSE', 'TRACE'],
  ['INFORMATION', 'INFO'],
  ['NOTICE', 'INFO'],
  ['WARNING', 'WARN'],
  ['ERR', 'ERROR'],
  ['SEVERE', 'ERROR'],
  ['CRITICAL', 'FATAL'],
  ['CRIT', 'FATAL'],
  ['PANIC', 'FATAL'],
  ['ALERT', 'FATAL'],
  ['EMERG', 'FATAL'],
]);

/** The levels that are meant, or undefined where `name` is none. */
export function levelsOf(name: string, operator?: Operator): Level[] | undefined {
  const upper = name.toUpperCase();
  const level = ALIASES.get(upper) ?? ORDER.find((one) => one === upper);
  if (level === undefined) return undefined;
  const rank = ORDER.indexOf(level);
  switch (operator) {
    case undefined:
      return [level];
    case '>':
      return ORDER.slice(rank + 1);
    case '>=':
      return ORDER.slice(rank);
    case '<':
      return ORDER.slice(0, rank);
    case '<=':
      return ORDER.slice(0, rank + 1);
  }
}
