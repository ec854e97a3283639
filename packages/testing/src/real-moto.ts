import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';

const SERVER = fileURLToPath(new URL('../../../.cache/moto/bin/moto_server', import.meta.url));

/** How it is started. */
export interface RealMotoOptions {
  /** After so many requests it holds each to the policies of whose it is; default: it lets everybody do everything. */
  readonly freeRequests?: number;
}

/** A moto server of its own, on 127.0.0.1: AWS as far as it goes, in memory. Whoever starts it disposes of it. */
export class RealMoto implements AsyncDisposable {
  readonly endpoint: string;
  readonly #child: ChildProcess;

  private constructor(endpoint: string, child: ChildProcess) {
    this.endpoint = endpoint;
    this.#child = child;
  }

  /** Resolves once it answers. */
  static async start({ freeRequests }: RealMotoOptions = {}): Promise<RealMoto> {
    const port = await freePort();
    const child = spawn(SERVER, ['-H', '127.0.0.1', '-p', String(port)], {
      stdio: 'ignore',
      env: {
        ...process.env,
        ...(freeRequests !== undefined && { INITIAL_NO_AUTH_ACTION_COUNT: String(freeRequests) }),
      },
    });
    const moto = new RealMoto(`http://127.0.0.1:${port}`, child);
    try {
      await eventually(async () => (await fetch(`${moto.endpoint}/moto-api/data.json`)).ok, { timeoutMs: 30_000 });
    } catch (error) {
      await moto[Symbol.asyncDispose]();
      throw error;
    }
    return moto;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}
