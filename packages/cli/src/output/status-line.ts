import { terminalText } from '@kubidu/text';

/** How often it is drawn anew, in milliseconds: its times go on while nothing happens. */
const EVERY_MS = 500;
const CLEAR = '\r\x1b[K';

/**
 * One line below everything else on a terminal, which says what is under way. Whoever writes there too does it through
 * `beside`. Shows nothing where there is no terminal. The owner calls `close()`, which leaves no trace of it.
 */
export class StatusLine {
  readonly #stream: NodeJS.WriteStream | undefined;
  #text: (() => string) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #drawn = false;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream.isTTY ? stream : undefined;
  }

  /** Shows this from now on; asked for anew whenever it is drawn. */
  show(text: () => string): void {
    if (this.#stream === undefined) return;
    this.#text = text;
    this.#timer ??= setInterval(() => this.#draw(), EVERY_MS);
    this.#draw();
  }

  /** Writes something above it. */
  beside<T>(write: () => T): T {
    this.#clear();
    try {
      return write();
    } finally {
      this.#draw();
    }
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#text = undefined;
    this.#clear();
  }

  #draw(): void {
    if (this.#stream === undefined || this.#text === undefined) return;
    // A line that is wrapped could not be taken back.
    const width = Math.max(1, (this.#stream.columns || 80) - 1);
    this.#stream.write(CLEAR + [...terminalText(this.#text(), false)].slice(0, width).join(''));
    this.#drawn = true;
  }

  #clear(): void {
    if (!this.#drawn) return;
    this.#drawn = false;
    this.#stream?.write(CLEAR);
  }
}
