import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import type { Page } from '@kubidu/testing/real-browser';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const VITE = fileURLToPath(new URL('../../../../node_modules/vite/bin/vite.js', import.meta.url));

/** What the server answers itself; everything else of it is the dashboard. */
const SERVERS = /^\/(api|socket\.io|embedding\.json)/;

/**
 * The dashboard built for development, in which React says on the console what is wrong with what it draws, like two rows
 * with one key. Whoever builds it disposes of it.
 */
export class DevelopmentApp implements AsyncDisposable {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async build(): Promise<DevelopmentApp> {
    const folder = await mkdtemp(join(tmpdir(), 'kubidu-app-'));
    const env = { ...process.env, NODE_ENV: 'development' };
    const build = [VITE, 'build', '--mode', 'development', '--outDir', folder, '--emptyOutDir', '--logLevel', 'error'];
    await promisify(execFile)(process.execPath, build, { cwd: ROOT, env });
    return new DevelopmentApp(folder);
  }

  /** Shows this dashboard in a page instead of the server's own; what it reads is the server's. */
  async serveTo(page: Page): Promise<void> {
    // It comes from no address, which Chromium takes for the internet: else it blocks WebSockets to this machine.
    await page.context().grantPermissions(['local-network-access']);
    await page.route(
      ({ pathname }) => !SERVERS.test(pathname),
      (route) => {
        const { pathname } = new URL(route.request().url());
        return route.fulfill({ path: join(this.#folder, pathname.includes('.') ? pathname : 'index.html') });
      },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}
