import type { RowPart } from './row/LogRow.tsx';

/** Which parts of which rows are open. Does not change: opening and closing makes a new one. */
export class OpenParts {
  /** Another number after each change. */
  readonly version: number;
  readonly #open: ReadonlySet<string>;

  constructor(open: ReadonlySet<string> = new Set(), version = 0) {
    this.#open = open;
    this.version = version;
  }

  has(part: RowPart, index: number): boolean {
    return this.#open.has(`${part} ${index}`);
  }

  /** Whether any row may be higher than a line. */
  get any(): boolean {
    return this.#open.size > 0;
  }

  toggled(part: RowPart, index: number): OpenParts {
    const open = new Set(this.#open);
    if (!open.delete(`${part} ${index}`)) open.add(`${part} ${index}`);
    return new OpenParts(open, this.version + 1);
  }
}
