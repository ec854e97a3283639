/** Values by name, as many as fit: beyond the bound, those go that were asked for longest ago. */
export class SizedCache<Value> {
  readonly #maxSize: number;
  readonly #sizeOf: (value: Value) => number;
  readonly #held = new Map<string, Value>();
  #size = 0;

  /** @param maxSize in whatever unit `sizeOf` measures */
  constructor(maxSize: number, sizeOf: (value: Value) => number) {
    this.#maxSize = maxSize;
    this.#sizeOf = sizeOf;
  }

  get(name: string): Value | undefined {
    const value = this.#held.get(name);
    if (value !== undefined) {
      this.#held.delete(name);
      this.#held.set(name, value);
    }
    return value;
  }

  /** Keeps a value; one that does not fit at all is not kept. */
  set(name: string, value: Value): void {
    this.delete(name);
    const size = this.#sizeOf(value);
    if (size > this.#maxSize) return;
    this.#held.set(name, value);
    this.#size += size;
    for (const oldest of this.#held.keys()) {
      if (this.#size <= this.#maxSize) return;
      this.delete(oldest);
    }
  }

  delete(name: string): void {
    const value = this.#held.get(name);
    if (value === undefined) return;
    this.#size -= this.#sizeOf(value);
    this.#held.delete(name);
  }
}
