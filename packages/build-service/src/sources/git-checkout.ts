import { access, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { LineFramer, LogsError } from '@kubidu/core';
import type { BuildOutput } from '@kubidu/core';

import { Child } from '../process/child.ts';
import { BuildStep } from '../steps/build-step.ts';
import { gitEnvironment } from './git-environment.ts';
import { parseGitSource } from './git-source.ts';
import type { GitSource } from './git-source.ts';

/** Lines of git that are kept to say why it failed. */
const KEPT_LINES = 20;

/** Gets one commit of a repository into an empty folder, with its submodules and without its history. */
export class GitCheckout {
  readonly #source: GitSource;
  readonly #folder: string;
  readonly #environment: NodeJS.ProcessEnv;
  #said: string[] = [];

  /** @param protocols like `https:ssh` @throws {LogsError} INVALID_ARGUMENT */
  constructor(source: { readonly git: string; readonly ref?: string | undefined }, folder: string, protocols: string) {
    this.#source = parseGitSource(source);
    this.#folder = folder;
    this.#environment = gitEnvironment(this.#source, protocols);
  }

  /**
   * Tells its progress as a step.
   * @throws {LogsError} NOT_FOUND in git's own words where it did not succeed; the signal's reason
   */
  async run(output: BuildOutput, step: number, signal: AbortSignal): Promise<void> {
    const { url, ref } = this.#source;
    const told = new BuildStep(output, step, `[source] ${url} ${ref}`);
    const startedMs = performance.now();
    told.start(new Date().toISOString());
    let status: 'succeeded' | 'failed' | 'cancelled' = 'failed';
    try {
      await this.#fetch(told, output, signal);
      status = 'succeeded';
    } finally {
      if (signal.aborted) status = 'cancelled';
      told.end(status, new Date().toISOString(), Math.round(performance.now() - startedMs));
    }
  }

  async #fetch(step: BuildStep, output: BuildOutput, signal: AbortSignal): Promise<void> {
    const { url, ref } = this.#source;
    const git = (...args: readonly string[]) => this.#git(args, step, output, signal);
    await git('init', '--quiet');
    await git('remote', 'add', '--', 'origin', url);
    await git('fetch', '--progress', '--depth', '1', '--no-tags', '--no-recurse-submodules', '--', 'origin', ref);
    await git('checkout', '--quiet', '--detach', 'FETCH_HEAD');
    await git('log', '-1', '--format=commit %H');
    if (await exists(join(this.#folder, '.gitmodules')))
      await git('submodule', 'update', '--init', '--recursive', '--depth', '1', '--progress');
    // As Docker does it: the history is no part of what is built.
    await rm(join(this.#folder, '.git'), { recursive: true, force: true });
  }

  async #git(args: readonly string[], step: BuildStep, output: BuildOutput, signal: AbortSignal): Promise<void> {
    const options = { env: this.#environment, cwd: this.#folder };
    await using child = await Child.start('git', args, options, signal);
    const framers = [child.stdout, child.stderr].map(async (stream) => {
      const framer = new LineFramer();
      const take = (line: string) => this.#say(line, step);
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        framer.push(chunk, take);
        await output.ready();
      }
      framer.end(take);
    });
    await Promise.all(framers);
    const { code } = await child.exited;
    signal.throwIfAborted();
    if (code !== 0) throw new LogsError('NOT_FOUND', `the sources cannot be had: ${this.#whyNot()}`);
  }

  #say(line: string, step: BuildStep): void {
    // Progress overwrites its line: what it ended with counts.
    const text = line.slice(line.lastIndexOf('\r') + 1).trimEnd();
    if (text === '') return;
    this.#said = [...this.#said, text].slice(-KEPT_LINES);
    step.say(text, new Date().toISOString());
  }

  #whyNot(): string {
    const errors = this.#said.filter((line) => /^(fatal|error|remote): /.test(line));
    return (errors.length > 0 ? errors : this.#said).join('\n');
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
