const RED = Buffer.from('\u001b[91m');
const PLAIN = Buffer.from('\u001b[0m');

/**
 * Tells the two outputs of a container apart in what the classic builder prints: it sends both in one, and paints standard
 * error bright red.
 */
export class RedText {
  #red = false;
  /** The beginning of a colour whose rest may come with the next chunk. */
  #rest: Buffer = Buffer.alloc(0);

  push(chunk: Buffer, take: (stream: 'stdout' | 'stderr', bytes: Buffer) => void): void {
    let bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    for (;;) {
      const mark = this.#red ? PLAIN : RED;
      const at = bytes.indexOf(mark);
      const end = at < 0 ? bytes.length - beginningOf(mark, bytes) : at;
      if (end > 0) take(this.#red ? 'stderr' : 'stdout', bytes.subarray(0, end));
      if (at < 0) {
        this.#rest = Buffer.from(bytes.subarray(end));
        return;
      }
      this.#red = !this.#red;
      bytes = bytes.subarray(at + mark.length);
    }
  }

  /** Takes what looked like the beginning of a colour and was none. */
  end(take: (stream: 'stdout' | 'stderr', bytes: Buffer) => void): void {
    if (this.#rest.length > 0) take(this.#red ? 'stderr' : 'stdout', this.#rest);
    this.#rest = Buffer.alloc(0);
  }
}

/** How many bytes at the end may be the beginning of a mark. */
function beginningOf(mark: Buffer, bytes: Buffer): number {
  for (let length = Math.min(mark.length - 1, bytes.length); length > 0; length--)
    if (bytes.subarray(bytes.length - length).equals(mark.subarray(0, length))) return length;
  return 0;
}
