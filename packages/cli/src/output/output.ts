import { CliError, EXIT } from '../exit.ts';
import type { StatusLine } from './status-line.ts';

/** Why output ended: nobody reads it any more. Not an error: `| head` does it on purpose. */
export class ReaderGone extends Error {
  override readonly name = 'ReaderGone';
}

/** Where the lines go. Waits for a slow reader, and says when there is none any more. */
export class Output {
  readonly #stream: NodeJS.WriteStream;
  readonly #status: StatusLine | undefined;
  readonly #gone = new AbortController();
  /** Aborted with its owner, with ReaderGone when the reader is gone, with CliError when nothing can be written. */
  readonly signal: AbortSignal;

  /** @param status what may stand below the lines, where they go to a terminal */
  constructor(stream: NodeJS.WriteStream, owner: AbortSignal, status?: StatusLine) {
    this.#stream = stream;
    this.#status = stream.isTTY ? status : undefined;
    this.signal = AbortSignal.any([owner, this.#gone.signal]);
    stream.on('error', (error: NodeJS.ErrnoException) => this.#fail(error));
    stream.on('close', () => this.readerGone());
  }

  /** Writes; resolves when there is room for more. Undefined where there is at once. Rejects with the signal's reason. */
  write(text: string): Promise<void> | undefined {
    this.signal.throwIfAborted();
    const write = (): boolean => this.#stream.write(text);
    const room = this.#status === undefined ? write() : this.#status.beside(write);
    return room ? undefined : this.#settled((done) => this.#stream.once('drain', done));
  }

  /** Resolves when everything is with the reader; rejects with the signal's reason. */
  flush(): Promise<void> | undefined {
    this.signal.throwIfAborted();
    return this.#stream.writableLength === 0 ? undefined : this.#settled((done) => this.#stream.write('', done));
  }

  /** Says that the reader is gone, as known from elsewhere. */
  readerGone(): void {
    this.#gone.abort(new ReaderGone());
  }

  #settled(wait: (done: () => void) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const { signal } = this;
      const failed = (): void => reject(signal.reason as Error);
      signal.addEventListener('abort', failed, { once: true });
      wait(() => {
        signal.removeEventListener('abort', failed);
        resolve();
      });
    });
  }

  #fail(error: NodeJS.ErrnoException): void {
    const gone = ['EPIPE', 'ECONNRESET', 'EIO', 'ERR_STREAM_DESTROYED'].includes(error.code ?? '');
    const reason = gone
      ? new ReaderGone()
      : new CliError(EXIT.failed, `cannot write: ${error.message}`, { cause: error });
    this.#gone.abort(reason);
  }
}
