import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { freePort } from './free-port.ts';
import { ServerScript } from './server-script.ts';

const MANIFESTS = [
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json',
];

/** A container registry of its own on 127.0.0.1, over plain HTTP. Whoever starts it disposes of it. */
export class RealRegistry implements AsyncDisposable {
  readonly port: number;
  readonly #script: ServerScript;
  readonly #folder: string;

  private constructor(port: number, script: ServerScript, folder: string) {
    this.port = port;
    this.#script = script;
    this.#folder = folder;
  }

  /** Resolves once it answers. The script is `KUBIDU_REGISTRY_SCRIPT`, or the one beside the checkout. */
  static async start(): Promise<RealRegistry> {
    const script = ServerScript.find('KUBIDU_REGISTRY_SCRIPT', 'registry');
    const folder = await mkdtemp(join(tmpdir(), 'registry-'));
    const registry = new RealRegistry(await freePort(), script, folder);
    try {
      await script.run('up', folder, { REGISTRY_PORT: String(registry.port) });
    } catch (error) {
      await registry[Symbol.asyncDispose]();
      throw error;
    }
    return registry;
  }

  /** `127.0.0.1:<port>`: what the names of its images begin with. Docker and containerd take it without TLS. */
  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** The digest (`sha256:…`) of an image by its whole name with the tag; undefined when it has no such image. */
  async digestOf(image: string): Promise<string | undefined> {
    const [, repository, tag = 'latest'] = /^[^/]+\/([^:]+)(?::(.+))?$/.exec(image) ?? [];
    const url = `http://${this.address}/v2/${repository}/manifests/${tag}`;
    const { headers, status } = await fetch(url, { method: 'HEAD', headers: { accept: MANIFESTS.join(', ') } });
    if (status === 404) return undefined;
    if (status !== 200) throw new Error(`${url}: ${status}`);
    return headers.get('docker-content-digest') ?? undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#script.run('down', this.#folder);
    await rm(this.#folder, { recursive: true, force: true });
  }
}
