import { escape } from './glob-test.ts';
import type { Need } from './need.ts';

/** Whether an entry may match, by its JSON alone. */
type JsonTest = (json: string) => boolean;

/**
 * The first tier of a query: whether the JSON of an entry has what it needs to match. Looking for that is several times
 * faster than parsing. True may be wrong, false never is.
 */
export function literals(need: Need): JsonTest {
  switch (need.type) {
    case 'text': {
      const { text, exact } = need;
      if (exact) return (json) => json.includes(text);
      const expression = new RegExp(escape(text), 'iu');
      return (json) => expression.test(json);
    }
    case 'levels': {
      const expression = new RegExp(`"level":"(?:${need.levels.join('|')})"`);
      return (json) => expression.test(json);
    }
    case 'all': {
      const tests = need.of.map(literals);
      return (json) => tests.every((test) => test(json));
    }
    case 'any': {
      const tests = need.of.map(literals);
      return (json) => tests.some((test) => test(json));
    }
  }
}

/** What is known of many entries at once. */
export interface Digest {
  /** How many have each level. */
  readonly levels: Readonly<Record<string, number>>;
  /** Whether the JSON of one of them may hold a text, in capitals or not. False is never wrong. Absent: nobody knows. */
  readonly mayHold?: ((text: string) => boolean) | undefined;
}

/** Whether one of many entries may have what it needs. False is never wrong. */
export function mayHave(need: Need, digest: Digest): boolean {
  switch (need.type) {
    case 'text':
      return digest.mayHold?.(need.text) ?? true;
    case 'levels':
      return need.levels.some((level) => (digest.levels[level] ?? 0) > 0);
    case 'all':
      return need.of.every((one) => mayHave(one, digest));
    case 'any':
      return need.of.some((one) => mayHave(one, digest));
  }
}
