import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { hasCode, LineFramer } from '@kubidu/core';
import type { BuildOutput, BuildResult, ImageBuild, ImageBuilder } from '@kubidu/core';

import { exitCodeIn, problemOf } from './build-problem.ts';
import { variablesOf } from './client-variable.ts';
import type { DockerClient } from './docker-client.ts';
import { Child } from '../process/child.ts';
import { TemporaryFolder } from '../sources/temporary-folder.ts';
import { dockerfileOf } from './dockerfile.ts';
import { ImagePush } from './image-push.ts';
import { LegacyOutput } from './legacy-output.ts';
import { refusal } from './refusal.ts';
import { TailText } from './tail-text.ts';

const NO_SECRETS = 'build secrets need buildx, which the Docker client of this builder does not have';

/**
 * Builds with the classic builder, where the client has no buildx: the same steps and lines, read from its text. Ending the
 * client makes the engine kill and remove the container.
 */
export class LegacyBuilder implements ImageBuilder {
  readonly #client: DockerClient;

  constructor(client: DockerClient) {
    this.#client = client;
  }

  async build(build: ImageBuild, output: BuildOutput, signal: AbortSignal): Promise<BuildResult> {
    if (signal.aborted) return { status: 'cancelled' };
    if (Object.keys(build.secrets).length > 0) return { status: 'failed', problem: NO_SECRETS };
    const folder = await TemporaryFolder.create('build');
    try {
      const idFile = join(folder.path, 'image');
      const variables = variablesOf(build.buildArgs);
      const args = this.#arguments(build, await dockerfileOf(build), idFile);
      await this.#client.version(signal);
      const env = { ...this.#client.environment, ...variables, DOCKER_BUILDKIT: '0' };
      return await this.#run(build, { args, env }, idFile, output, signal);
    } catch (error) {
      if (signal.aborted) return { status: 'cancelled' };
      return refusal(error);
    } finally {
      await folder[Symbol.asyncDispose]();
    }
  }

  async health(): Promise<{ readonly ok: boolean; readonly detail?: string }> {
    try {
      await this.#client.version();
      return { ok: true };
    } catch (error) {
      return { ok: false, detail: hasCode(error, 'UNAVAILABLE') ? error.message : 'Docker does not answer' };
    }
  }

  async #run(
    build: ImageBuild,
    call: { readonly args: readonly string[]; readonly env: NodeJS.ProcessEnv },
    idFile: string,
    output: BuildOutput,
    signal: AbortSignal,
  ): Promise<BuildResult> {
    const steps = new LegacyOutput(output);
    const said = new TailText();
    let status: BuildResult['status'] = 'failed';
    await using child = await Child.start(this.#client.command, call.args, { env: call.env }, signal);
    try {
      await Promise.all([follow(child, steps, output), listen(child, said)]);
      const { code } = await child.exited;
      status = signal.aborted ? 'cancelled' : code === 0 ? 'succeeded' : 'failed';
      const failure = steps.end(status, said.text);
      if (status === 'cancelled') return { status };
      if (status === 'failed')
        return { status, exitCode: exitCodeIn(said.text) ?? code ?? 1, problem: problemOf(said.text, failure) };
    } finally {
      steps.end(status);
    }
    if (build.push) return new ImagePush(this.#client, build.image, steps.number + 1).run(output, signal);
    return { status, exitCode: 0, digest: (await readFile(idFile, 'utf8')).trim() };
  }

  #arguments(build: ImageBuild, dockerfile: string, idFile: string): string[] {
    return [
      // A container whose command failed is removed too.
      ...['build', '--force-rm', '--iidfile', idFile, '--file', dockerfile, '--tag', build.image],
      ...(build.target === undefined ? [] : ['--target', build.target]),
      ...(build.noCache ? ['--no-cache'] : []),
      ...Object.keys(build.buildArgs).flatMap((name) => ['--build-arg', name]),
      ...Object.entries(build.labels).flatMap(([name, value]) => ['--label', `${name}=${value}`]),
      ...this.#client.extraArguments,
      ...['--', build.context],
    ];
  }
}

async function follow(child: Child, steps: LegacyOutput, output: BuildOutput): Promise<void> {
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    steps.push(chunk);
    await output.ready();
  }
}

/** What the client itself says, but for its praise of BuildKit. */
async function listen(child: Child, said: TailText): Promise<void> {
  const framer = new LineFramer();
  const take = (line: string) => {
    if (
      !/^(DEPRECATED: The legacy builder| {4,}(BuildKit is|Install the buildx|environment-variable|https:))/.test(line)
    )
      said.push(line);
  };
  for await (const chunk of child.stderr as AsyncIterable<Buffer>) framer.push(chunk, take);
  framer.end(take);
}
