import type { StatusLine } from './status-line.ts';
import { terminalText } from '@kubidu/text';

/** What is said beside the log: one line each, on stderr. */
export class Notices {
  readonly #stream: NodeJS.WriteStream;
  readonly #status: StatusLine | undefined;

  /** @param status what may stand below them on a terminal */
  constructor(stream: NodeJS.WriteStream, status?: StatusLine) {
    this.#stream = stream;
    this.#status = status;
    stream.on('error', () => undefined); // nobody reads notices: nobody to tell
  }

  /** Says something of the program's own: `kubidu: reconnecting`. */
  say(message: string): void {
    this.plain(`kubidu: ${message}`);
  }

  /** Says it as it is; may have several lines. */
  plain(message: string): void {
    const lines = message.split('\n').map((line) => terminalText(line, false));
    const write = (): unknown => this.#stream.write(`${lines.join('\n')}\n`);
    if (this.#status === undefined) write();
    else this.#status.beside(write);
  }
}
