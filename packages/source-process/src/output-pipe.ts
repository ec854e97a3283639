import { execFile } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** How long a pipe may be silent, after its process has gone, while a process that escaped its group holds it open. */
const SILENCE_MS = 1_000;

/**
 * What a process writes to one of its outputs. Less than 128 KiB are read ahead; then the pipe fills, and then the process
 * waits. A true pipe, since what Node makes by itself is a socket, on which `echo > /dev/stderr` fails (nodejs/node#21941).
 */
export class OutputPipe {
  readonly #reader: Socket;
  /** What the process gets as its output; -1 once it has it. */
  #writer: number;
  #ended = false;
  #orphaned = false;
  #wake: (() => void) | undefined;

  private constructor(path: string) {
    // The reader first and without blocking: a pipe's writer can only be opened when somebody reads.
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    this.#writer = openSync(path, constants.O_WRONLY);
    this.#reader = new Socket({ fd, readable: true, writable: false });
    this.#reader.on('readable', () => this.#wake?.());
    for (const event of ['end', 'close', 'error'])
      this.#reader.on(event, () => {
        this.#ended = true;
        this.#wake?.();
      });
  }

  /** Opens several at once; whoever opens them destroys them. */
  static async open(count: number): Promise<OutputPipe[]> {
    const folder = await mkdtemp(join(tmpdir(), 'kubidu-pipes-'));
    try {
      const paths = Array.from({ length: count }, (_, at) => join(folder, String(at)));
      await run('mkfifo', ['-m', '600', ...paths]);
      return paths.map((path) => new OutputPipe(path));
    } finally {
      await rm(folder, { recursive: true });
    }
  }

  /** To be handed to the process. */
  get writer(): number {
    return this.#writer;
  }

  /** The process has its end: ours must go, or the pipe would never end. */
  handedOver(): void {
    if (this.#writer >= 0) closeSync(this.#writer);
    this.#writer = -1;
  }

  /** What comes next, undefined at the end. One call at a time. */
  async next(): Promise<Buffer | undefined> {
    for (;;) {
      const chunk = this.#reader.read() as Buffer | null;
      if (chunk) return chunk;
      if (this.#ended) return undefined;
      if ((await this.#change()) === 'silent') this.destroy();
    }
  }

  /** The process has gone: what it wrote can still be read, but nobody is waited for who holds its pipe and says nothing. */
  orphan(): void {
    this.#orphaned = true;
    this.#wake?.();
  }

  destroy(): void {
    this.handedOver();
    this.#ended = true;
    this.#reader.destroy();
    this.#wake?.();
  }

  #change(): Promise<'changed' | 'silent'> {
    return new Promise((resolve) => {
      const timer = this.#orphaned ? setTimeout(() => resolve('silent'), SILENCE_MS) : undefined;
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve('changed');
      };
    });
  }
}
