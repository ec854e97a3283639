import { terminalText } from './terminal-text.ts';

/** What is said beside the log: one line each, on stderr. */
export class Notices {
  readonly #stream: NodeJS.WriteStream;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
    stream.on('error', () => undefined); // nobody reads notices: nobody to tell
  }

  /** Says something of the program's own: `kubidu: reconnecting`. */
  say(message: string): void {
    this.plain(`kubidu: ${message}`);
  }

  /** Says it as it is; may have several lines. */
  plain(message: string): void {
    const lines = message.split('\n').map((line) => terminalText(line, false));
    this.#stream.write(`${lines.join('\n')}\n`);
  }
}
