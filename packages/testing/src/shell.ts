import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** The `kubidu` command as it is built. */
export const KUBIDU = fileURLToPath(new URL('../../cli/bin/kubidu.js', import.meta.url));

/** Where a command line runs. */
export interface ShellOptions {
  /** Its home and working folder. Whoever made it removes it. */
  readonly home: string;
  /** Added to the little that every command line gets. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A command line, run by bash in a group of its own; `kubidu` is the built CLI. Whoever starts it disposes of it. */
export class Shell implements AsyncDisposable {
  stdout = '';
  stderr = '';
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;

  constructor(command: string, { home, env }: ShellOptions) {
    const script = `kubidu() { '${process.execPath}' '${KUBIDU}' "$@"; }; export -f kubidu; ${command}`;
    const { PATH = '', KUBIDU_TEST_RUN = '' } = process.env;
    const own = { HOME: home, XDG_CONFIG_HOME: home, XDG_STATE_HOME: home, TERM: 'xterm-256color' };
    this.#child = spawn('bash', ['-c', script], {
      cwd: home,
      env: { PATH, KUBIDU_TEST_RUN, ...own, ...env },
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#closed = once(this.#child, 'close');
    this.#child.stdout?.on('data', (piece: Buffer) => (this.stdout += piece.toString()));
    this.#child.stderr?.on('data', (piece: Buffer) => (this.stderr += piece.toString()));
    this.#child.stdin?.on('error', () => undefined);
  }

  type(text: string): void {
    this.#child.stdin?.write(text);
  }

  /** Sends a signal to every process of the command line, as a terminal does. */
  signal(name: NodeJS.Signals): void {
    process.kill(-(this.#child.pid as number), name);
  }

  /** The exit code, once everything was read. */
  async exit(): Promise<number | null> {
    await this.#closed;
    return this.#child.exitCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.signal('SIGKILL');
    await this.#closed;
  }
}
