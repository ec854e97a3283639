import { LineAutomaton } from './line-automaton.ts';
import { enginePresent } from './pattern-engine.ts';
import type { Pattern } from './expression.ts';
import type { Screen } from './screen.ts';

/**
 * Looks for a pattern in the messages of many lines, without parting or parsing them. It knows ASCII only, and no anchors:
 * lines with anything else are found, and some that do not match. Undefined where it would find every line.
 */
export function patternScreen(pattern: Pattern): Screen | undefined {
  const program = enginePresent().programOf(pattern);
  const automaton = program && new LineAutomaton(program);
  if (!automaton?.isSelective) return undefined;
  return ({ bytes }) => {
    const found = automaton.search(bytes);
    let nearest = 0;
    return (from) => {
      while ((found[nearest] ?? from) < from) nearest++;
      return found[nearest] ?? -1;
    };
  };
}
