import { ApiError } from './api-server.ts';
import type { ApiServer } from './api-server.ts';
import type { Pod } from './pod.ts';

/** Rights may be given later: asked again after this. */
const REFUSED_MS = 10 * 60_000;

/**
 * Looks whether a kubelet has rotated a container's log. The log endpoint cannot tell: it only ever has the newest file.
 * The node's list of files can, for those who may `get` `nodes/proxy` — a right so wide that nobody is asked to give
 * it for this: without it the answer is `undefined`.
 */
export class RotatedFiles {
  readonly #server: ApiServer;
  readonly #headMs: number;
  #refusedUntil = 0;

  constructor(server: ApiServer, headMs: number) {
    this.#server = server;
    this.#headMs = headMs;
  }

  /** Whether there are files older than the one that the log endpoint reads; undefined when that cannot be known. */
  async exist(pod: Pod, container: string, restart: number, signal: AbortSignal): Promise<boolean | undefined> {
    if (pod.node === '' || Date.now() < this.#refusedUntil) return undefined;
    const folder = `${pod.namespace}_${pod.name}_${pod.uid}/${container}/`;
    try {
      const path = `/api/v1/nodes/${pod.node}/proxy/logs/pods/${folder}`;
      const list = await this.#server.text(path, { signal, headMs: this.#headMs });
      return list.includes(`"${restart}.log.`);
    } catch (error) {
      if (error instanceof ApiError && error.code === 'FORBIDDEN') this.#refusedUntil = Date.now() + REFUSED_MS;
      return undefined;
    }
  }
}
