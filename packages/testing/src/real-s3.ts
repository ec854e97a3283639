import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { freePort } from './free-port.ts';
import { ServerScript } from './server-script.ts';

/** What a client of it needs in its environment. */
export interface S3Environment {
  readonly AWS_ACCESS_KEY_ID: string;
  readonly AWS_SECRET_ACCESS_KEY: string;
}

/** An S3 server of its own on 127.0.0.1, over plain HTTP, with one bucket. Whoever starts it disposes of it. */
export class RealS3 implements AsyncDisposable {
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  /** For programs that are to use it. */
  readonly env: S3Environment;
  readonly #script: ServerScript;
  readonly #folder: string;

  private constructor(said: Readonly<Record<string, string>>, script: ServerScript, folder: string) {
    this.endpoint = said['S3_ENDPOINT'] ?? '';
    this.region = said['S3_REGION'] ?? '';
    this.bucket = said['S3_BUCKET'] ?? '';
    this.env = {
      AWS_ACCESS_KEY_ID: said['AWS_ACCESS_KEY_ID'] ?? '',
      AWS_SECRET_ACCESS_KEY: said['AWS_SECRET_ACCESS_KEY'] ?? '',
    };
    this.#script = script;
    this.#folder = folder;
  }

  /** Resolves once it answers. The script is `KUBIDU_S3_SCRIPT`, or the one beside the checkout. */
  static async start(): Promise<RealS3> {
    const script = ServerScript.find('KUBIDU_S3_SCRIPT', 's3');
    const folder = await mkdtemp(join(tmpdir(), 's3-'));
    try {
      const said = await script.run('up', folder, { S3_PORT: String(await freePort()) });
      return new RealS3(exportsIn(said), script, folder);
    } catch (error) {
      await down(script, folder);
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await down(this.#script, this.#folder);
  }
}

async function down(script: ServerScript, folder: string): Promise<void> {
  await script.run('down', folder);
  await rm(folder, { recursive: true, force: true });
}

/** The variables in a line of shell like `export A=b C=d`. */
function exportsIn(text: string): Record<string, string> {
  return Object.fromEntries([...text.matchAll(/(\w+)=(\S+)/g)].map(([, name = '', value = '']) => [name, value]));
}
