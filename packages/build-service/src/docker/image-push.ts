import { LineFramer } from '@kubidu/core';
import type { BuildOutput, BuildResult } from '@kubidu/core';

import { BuildStep } from '../steps/build-step.ts';
import { problemOf } from './build-problem.ts';
import type { DockerClient } from './docker-client.ts';
import { Child } from '../process/child.ts';
import { TailText } from './tail-text.ts';

/** Pushes an image as a step of its own: the classic builder cannot. */
export class ImagePush {
  readonly #client: DockerClient;
  readonly #image: string;
  readonly #number: number;

  constructor(client: DockerClient, image: string, number: number) {
    this.#client = client;
    this.#image = image;
    this.#number = number;
  }

  async run(output: BuildOutput, signal: AbortSignal): Promise<BuildResult> {
    const step = new BuildStep(output, this.#number, `push ${this.#image}`);
    const startedMs = performance.now();
    step.start(new Date().toISOString());
    const said = new TailText();
    const result = await this.#push(step, said, output, signal);
    step.end(result.status, new Date().toISOString(), Math.round(performance.now() - startedMs));
    return result;
  }

  async #push(step: BuildStep, said: TailText, output: BuildOutput, signal: AbortSignal): Promise<BuildResult> {
    const env = this.#client.environment;
    await using child = await Child.start(this.#client.command, ['push', this.#image], { env }, signal);
    const printed = new TailText();
    const framer = new LineFramer();
    const errors = new LineFramer();
    await Promise.all([
      (async () => {
        for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
          step.write('stdout', chunk, new Date().toISOString());
          framer.push(chunk, (line) => printed.push(line));
          await output.ready();
        }
      })(),
      (async () => {
        for await (const chunk of child.stderr as AsyncIterable<Buffer>) errors.push(chunk, (line) => said.push(line));
      })(),
    ]);
    const { code } = await child.exited;
    if (signal.aborted) return { status: 'cancelled' };
    if (code === 0) return { status: 'succeeded', exitCode: 0, ...digestIn(printed.text) };
    const failure = { step: this.#number, name: `push ${this.#image}`, error: 'failed to push' };
    return { status: 'failed', exitCode: code ?? 1, problem: problemOf(said.text, failure) };
  }
}

function digestIn(printed: string): { digest?: string } {
  const digest = /digest: (sha256:[0-9a-f]{64})/.exec(printed)?.[1];
  return digest === undefined ? {} : { digest };
}
