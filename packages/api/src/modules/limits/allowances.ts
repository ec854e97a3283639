/** How much everybody may do. */
export interface AllowanceOptions {
  /** What comes back of an allowance each second. */
  readonly perSecond: number;
  /** What a whole one is. */
  readonly burst: number;
  /** Allowances that are kept, those used last; default 10,000. Who comes back after being forgotten has a whole one. */
  readonly keys?: number;
  /** Milliseconds that never go back; default the process's own. */
  readonly now?: () => number;
}

interface Allowance {
  left: number;
  atMs: number;
}

/**
 * What each key may still do: a whole allowance at first, one less with each take, and back to a whole one by the second.
 * Holds no timer, and no more keys than it is told.
 */
export class Allowances {
  /** The one used longest ago first. */
  readonly #byKey = new Map<string, Allowance>();
  readonly #options: Required<AllowanceOptions>;

  constructor(options: AllowanceOptions) {
    this.#options = { keys: 10_000, now: () => performance.now(), ...options };
  }

  /** How many are kept. */
  get size(): number {
    return this.#byKey.size;
  }

  /** Takes one and returns 0; else takes nothing and returns the milliseconds until there is one. */
  take(key: string): number {
    const { perSecond, burst, keys, now } = this.#options;
    const atMs = now();
    const before = this.#byKey.get(key) ?? { left: burst, atMs };
    const left = Math.min(burst, before.left + ((atMs - before.atMs) / 1_000) * perSecond);
    this.#byKey.delete(key);
    this.#byKey.set(key, { left: left >= 1 ? left - 1 : left, atMs });
    if (this.#byKey.size > keys) this.#byKey.delete(this.#byKey.keys().next().value as string);
    return left >= 1 ? 0 : Math.ceil(((1 - left) / perSecond) * 1_000);
  }
}
