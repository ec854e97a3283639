import { LogsError } from '@kubidu/core';

import { runToEnd } from '../process/child.ts';

/** How the Docker client is run. */
export interface DockerClientOptions {
  /** Default `docker`, from the path. */
  readonly command?: string;
  /** What the client finds its engine, its configuration and its proxies by. Default that of this process. */
  readonly environment?: NodeJS.ProcessEnv;
  /** Given to each build before its context, like `['--network', 'host']`. Default none. */
  readonly extraArguments?: readonly string[];
}

/** The Docker client of this machine, and the engine that it speaks to. */
export class DockerClient {
  readonly command: string;
  readonly extraArguments: readonly string[];
  readonly #environment: NodeJS.ProcessEnv;

  constructor({ command = 'docker', environment = process.env, extraArguments = [] }: DockerClientOptions = {}) {
    this.command = command;
    this.extraArguments = extraArguments;
    this.#environment = environment;
  }

  /** The client's environment: this process's, but for what concerns only us. */
  get environment(): NodeJS.ProcessEnv {
    return Object.fromEntries(Object.entries(this.#environment).filter(([name]) => !name.startsWith('KUBIDU_')));
  }

  /** Whether the client has buildx. @throws {LogsError} UNAVAILABLE where there is no client */
  async hasBuildx(signal?: AbortSignal): Promise<boolean> {
    const { code, stdout } = await runToEnd(
      this.command,
      ['buildx', 'version'],
      { env: { ...this.environment, DOCKER_CLI_HINTS: 'false' } },
      signal,
    );
    // A client without the plugin prints its own help, with status 0 or 1.
    return code === 0 && stdout.includes('buildx');
  }

  /** Resolves with the engine's version. @throws {LogsError} UNAVAILABLE where it does not answer; says why */
  async version(signal?: AbortSignal): Promise<string> {
    const { code, stdout, stderr } = await runToEnd(
      this.command,
      ['version', '--format', '{{.Server.Version}}'],
      { env: this.environment },
      signal,
    );
    const version = stdout.trim();
    if (code === 0 && version !== '') return version;
    throw new LogsError('UNAVAILABLE', `the Docker engine does not answer: ${stderr.trim() || 'no version'}`);
  }
}
