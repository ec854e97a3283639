import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { hasCode, LineFramer } from '@kubidu/core';
import type { BuildOutput, BuildResult, ImageBuild, ImageBuilder } from '@kubidu/core';

import { BuildGraph } from './build-graph.ts';
import { exitCodeIn, problemOf } from './build-problem.ts';
import { variablesOf } from './client-variable.ts';
import type { DockerClient } from './docker-client.ts';
import { Child } from '../process/child.ts';
import { TemporaryFolder } from '../sources/temporary-folder.ts';
import { dockerfileOf } from './dockerfile.ts';
import { refusal } from './refusal.ts';
import { parseSolveStatus } from './solve-status.ts';
import { TailText } from './tail-text.ts';

/** Longest line of progress: more than BuildKit's largest message (16 MiB) makes as base64. */
const PROGRESS_BYTES = 32 * 1024 * 1024;

/**
 * The client writes each few lines by themselves, thousands of times a second. What comes within so many milliseconds after
 * a piece is taken together, unless it is this much already: so a build that writes a lot keeps its processors for itself.
 */
const GATHER_MS = 10;
const ENOUGH_BYTES = 16 * 1024;

/** What one run of the client is given. */
interface Call {
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** The second one of the same build. */
  readonly again?: boolean;
}

/**
 * Builds with BuildKit through `docker buildx build`, and reads its progress as data. Neither a build argument nor a secret
 * stands in the command line: both are handed over by the client's environment.
 */
export class BuildxBuilder implements ImageBuilder {
  readonly #client: DockerClient;

  constructor(client: DockerClient) {
    this.#client = client;
  }

  async build(build: ImageBuild, output: BuildOutput, signal: AbortSignal): Promise<BuildResult> {
    if (signal.aborted) return { status: 'cancelled' };
    const folder = await TemporaryFolder.create('build');
    try {
      const metadata = join(folder.path, 'metadata.json');
      const call = this.#call(build, await dockerfileOf(build), metadata);
      await this.#client.version(signal);
      return await this.#run(call, metadata, output, signal);
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

  async #run(call: Call, metadata: string, output: BuildOutput, signal: AbortSignal): Promise<BuildResult> {
    const graph = new BuildGraph(output);
    let result: BuildResult = { status: 'failed' };
    try {
      const { code, said } = await this.#follow(call, graph, output, signal);
      if (signal.aborted) result = { status: 'cancelled' };
      else if (code === 0) result = { status: 'succeeded', exitCode: 0, ...(await digestIn(metadata)) };
      else if (!call.again && !graph.failure && OVERRUN.test(said)) {
        output.event({ type: 'lost', reason: OVERRUN_REASON }, new Date().toISOString());
        result = await this.#run(again(call), metadata, muted(output), signal);
      } else result = failed(code, said, graph);
      return result;
    } finally {
      graph.end(result.status);
    }
  }

  /** Reads progress until the client ends, as fast as the output takes it. What is no progress is what the client says. */
  async #follow(
    { args, env }: Call,
    graph: BuildGraph,
    output: BuildOutput,
    signal: AbortSignal,
  ): Promise<{ readonly code: number | null; readonly said: string }> {
    const said = new TailText();
    const framer = new LineFramer(PROGRESS_BYTES);
    const take = (line: string, truncated: number) => {
      const status = truncated === 0 ? parseSolveStatus(line) : undefined;
      if (status) graph.take(status);
      else if (truncated > 0) output.event({ type: 'lost', reason: TOO_LONG }, new Date().toISOString());
      else said.push(line);
    };
    await using child = await Child.start(this.#client.command, args, { env }, signal);
    child.stdout.resume();
    for await (const chunk of child.stderr as AsyncIterable<Buffer>) {
      framer.push(chunk, take);
      await output.ready();
      if (chunk.length < ENOUGH_BYTES) await sleep(GATHER_MS);
    }
    framer.end(take);
    return { code: (await child.exited).code, said: said.text };
  }

  #call(build: ImageBuild, dockerfile: string, metadata: string): Call {
    const variables = variablesOf(build.buildArgs);
    const secrets = Object.entries(build.secrets).map(([name, value]) => {
      return { name, value, variable: `KUBIDU_SECRET_${randomUUID().replaceAll('-', '')}` };
    });
    const args = [
      ...['buildx', 'build', '--progress', 'rawjson', '--metadata-file', metadata],
      ...['--file', dockerfile, '--tag', build.image, build.push ? '--push' : '--load'],
      ...(build.target === undefined ? [] : ['--target', build.target]),
      ...(build.noCache ? ['--no-cache'] : []),
      ...Object.keys(variables).flatMap((name) => ['--build-arg', name]),
      ...Object.entries(build.labels).flatMap(([name, value]) => ['--label', `${name}=${value}`]),
      ...secrets.flatMap(({ name, variable }) => ['--secret', `id=${name},env=${variable}`]),
      ...this.#client.extraArguments,
      ...['--', build.context],
    ];
    const sealed = Object.fromEntries(secrets.map(({ variable, value }) => [variable, value]));
    return { args, env: { ...this.#client.environment, ...variables, ...sealed } };
  }
}

/** What the client says where it gave up waiting for progress, 3 s after the build had ended (moby/buildkit client/solve.go). */
const OVERRUN = /failed to receive status: .*context canceled/;
const OVERRUN_REASON = 'a step wrote faster than BuildKit tells: the end of its output never came';

/** The same once more, to learn how it ended: what was built is there already. */
function again({ args, env }: Call): Call {
  return { args: args.filter((argument) => argument !== '--no-cache'), env, again: true };
}

/** Takes nothing: it was all said before. */
function muted(output: BuildOutput): BuildOutput {
  return { lines: () => {}, event: () => {}, ready: () => output.ready() };
}

function failed(code: number | null, said: string, { failure }: BuildGraph): BuildResult {
  const exitCode = exitCodeIn(failure?.error ?? '') ?? code ?? 1;
  return { status: 'failed', exitCode, problem: problemOf(said, failure) };
}

const TOO_LONG = 'a message of the builder was longer than 32 MiB';

interface Metadata {
  readonly 'containerimage.digest'?: string;
  readonly 'containerimage.config.digest'?: string;
}

async function digestIn(metadata: string): Promise<{ digest?: string }> {
  try {
    const found = JSON.parse(await readFile(metadata, 'utf8')) as Metadata;
    const digest = found['containerimage.digest'] ?? found['containerimage.config.digest'];
    return digest === undefined ? {} : { digest };
  } catch {
    return {}; // an old exporter writes none
  }
}
