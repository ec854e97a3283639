import type { LogEntry } from '@kubidu/contracts';

/** By what a viewer filters besides a query. */
export type Facet = 'level' | 'pod' | 'container';

/** Under this stands what has no level, no pod or no container. */
const NONE = '';

/** Most different values counted of one facet; what comes beyond is left out of the lists, and still found by a query. */
const MOST_VALUES = 500;

/** How many of some entries have which level, pod and container. */
export class FacetCounts {
  readonly #of: Record<Facet, Map<string, number>> = { level: new Map(), pod: new Map(), container: new Map() };

  add(entry: LogEntry, times: 1 | -1): void {
    count(this.#of.level, entry.level ?? NONE, times);
    count(this.#of.pod, entry.podName ?? NONE, times);
    count(this.#of.container, entry.container ?? NONE, times);
  }

  /** Values and their counts. What was counted down to nothing stays with 0: a filter's choices do not vanish while one reads on. */
  of(facet: Facet): ReadonlyMap<string, number> {
    return this.#of[facet];
  }
}

function count(values: Map<string, number>, value: string, times: 1 | -1): void {
  const before = values.get(value);
  if (before !== undefined) values.set(value, before + times);
  else if (values.size < MOST_VALUES) values.set(value, Math.max(0, times));
}
