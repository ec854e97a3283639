import type { LogEntry } from '@kubidu/contracts';

import { Reader } from './reader.ts';
import { RunningCli } from './running-cli.ts';

export interface CliReaderOptions {
  readonly url: string;
  readonly service: string;
  readonly token?: string;
  /** Further arguments; default `-n all`. */
  readonly args?: readonly string[];
}

/** `kubidu logs <service> -f -o json`, and what it prints. */
export class CliReader extends Reader {
  override readonly kind = 'kubidu logs -f';
  #cli: RunningCli | undefined;
  #rest = '';

  static async start({ url, service, token, args = ['-n', 'all'] }: CliReaderOptions): Promise<CliReader> {
    const reader = new CliReader();
    const decoder = new TextDecoder();
    reader.#cli = await RunningCli.start(['logs', service, '-f', '-o', 'json', ...args], {
      env: { KUBIDU_SERVER: url, ...(token !== undefined && { KUBIDU_TOKEN: token }) },
      onStdout: (piece) => reader.#take(decoder.decode(piece, { stream: true })),
    });
    return reader;
  }

  override get said(): string {
    return this.stderr;
  }

  /** What it printed beside the lines. */
  get stderr(): string {
    return this.#cli?.stderr ?? '';
  }

  /** Ends it like Ctrl-C; resolves with its exit code. */
  async interrupt(): Promise<number> {
    this.#cli?.signal('SIGINT');
    return (await this.#cli?.exit()) ?? 0;
  }

  /** Resolves with its exit code when it ends by itself. */
  async exit(): Promise<number> {
    return (await this.#cli?.exit()) ?? 0;
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await this.#cli?.[Symbol.asyncDispose]();
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.entries.push(JSON.parse(line) as LogEntry);
  }
}
