import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fstatSync } from 'node:fs';

/**
 * Calls `onGone` when nobody reads the pipe `fd` any more, also while there is nothing to write: `logs -f | head -1` is to
 * end with its reader, not with the next line. Node cannot ask: it polls a pipe only while bytes wait, opening it anew
 * never fails (Linux knows no ENXIO for anonymous pipes), and an empty write always succeeds. GNU `tail -f` polls its
 * output for this very purpose since coreutils 8.28 and dies of SIGPIPE, so one that has nothing to say stands watch.
 * Where there is none, the next line's EPIPE has to do. The owner calls `close()`; `--pid` ends the watch even if it cannot.
 */
export class ReaderWatch {
  readonly #watch: ChildProcess | undefined;

  readonly close = (): void => {
    process.removeListener('exit', this.close);
    this.#watch?.removeAllListeners('exit');
    this.#watch?.kill('SIGKILL');
  };

  constructor(fd: number, onGone: () => void) {
    if (process.platform !== 'linux' || !isPipe(fd)) return;
    this.#watch = spawn('tail', [`--pid=${process.pid}`, '-f', '/dev/null'], {
      stdio: ['ignore', fd, 'ignore'],
      detached: true, // Ctrl-C is for us
    });
    this.#watch.on('error', () => undefined);
    this.#watch.on('exit', (_code, signal) => {
      if (signal === 'SIGPIPE') onGone();
    });
    this.#watch.unref();
    process.once('exit', this.close);
  }
}

function isPipe(fd: number): boolean {
  try {
    return fstatSync(fd).isFIFO();
  } catch {
    return false;
  }
}
