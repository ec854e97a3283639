import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** Beside the checkout. */
const BESIDE = new URL('../../../../shared/real/', import.meta.url);

/** A script that runs a server: `up` starts it and prints what a client needs, `down` ends it and removes its state. */
export class ServerScript {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** The script that the variable names, else the one of that name beside the checkout. Throws where there is none. */
  static find(variable: string, name: string): ServerScript {
    const path = process.env[variable] || fileURLToPath(new URL(name, BESIDE));
    if (!existsSync(path)) throw new Error(`${variable} names no script that starts a ${name}`);
    return new ServerScript(path);
  }

  /**
   * Runs it with all of the server's state in this folder. Resolves with what it printed, rejects when it fails.
   * @param folder absolute, and short where the server has sockets in it: their paths end at 108 bytes
   */
  async run(verb: 'up' | 'down', folder: string, env: Readonly<NodeJS.ProcessEnv> = {}): Promise<string> {
    // What a server leaves among the temporary files, like containerd its stacks, goes with its state.
    const places = { REAL_DIR: folder, TMPDIR: folder };
    const { stdout } = await run(this.path, [verb], { env: { ...process.env, ...env, ...places } });
    return stdout.trim();
  }
}
