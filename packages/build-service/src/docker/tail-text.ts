/** The newest lines of a text of any length. Holds as many characters as it is told to; the oldest lines go. */
export class TailText {
  readonly #characters: number;
  #lines: string[] = [];
  #held = 0;

  /** @param characters default 65,536 */
  constructor(characters = 65_536) {
    this.#characters = characters;
  }

  push(line: string): void {
    const kept = line.slice(0, this.#characters);
    this.#lines.push(kept);
    this.#held += kept.length;
    while (this.#held > this.#characters) this.#held -= this.#lines.shift()?.length ?? 0;
  }

  get text(): string {
    return this.#lines.join('\n');
  }
}
