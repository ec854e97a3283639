import type { RowPart } from './row/LogRow.tsx';

/** Which parts of which rows are open. Does not change: opening and closing makes a new one. */
export class OpenParts {
  readonly #open: ReadonlySet<string>;

  constructor(open: ReadonlySet<string> = new Set()) {
    this.#open = open;
  }

  has(part: RowPart, index: number): boolean {
    return this.#open.has(`${part} ${index}`);
  }

  get any(): boolean {
    return this.#open.size > 0;
  }

  toggled(part: RowPart, index: number): OpenParts {
    const open = new Set(this.#open);
    if (!open.delete(`${part} ${index}`)) open.add(`${part} ${index}`);
    return new OpenParts(open);
  }
}
