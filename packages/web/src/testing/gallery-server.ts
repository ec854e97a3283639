import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const VITE = fileURLToPath(new URL('../../../../node_modules/vite/bin/vite.js', import.meta.url));
const CONFIG = fileURLToPath(new URL('../../examples/gallery/vite.config.ts', import.meta.url));

/** As strict as the API's own for the dashboard. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'";

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
};

/** The gallery of rows, built and served under a strict policy. Whoever starts it disposes of it. */
export class GalleryServer implements AsyncDisposable {
  readonly url: string;
  readonly #server: Server;
  readonly #folder: string;

  private constructor(server: Server, folder: string) {
    this.#server = server;
    this.#folder = folder;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  }

  /** Resolves once it answers. */
  static async start(): Promise<GalleryServer> {
    const folder = await mkdtemp(join(tmpdir(), 'kubidu-gallery-'));
    // Not as a test: React has more to say then, and is slower.
    const env = { ...process.env, NODE_ENV: 'production' };
    const build = [VITE, 'build', '--config', CONFIG, '--outDir', folder, '--emptyOutDir', '--logLevel', 'error'];
    await promisify(execFile)(process.execPath, build, { env });
    const server = createServer((request, response) => {
      const { pathname } = new URL(request.url ?? '/', 'http://gallery');
      const file = pathname === '/' ? '/index.html' : pathname;
      readFile(join(folder, file)).then(
        (body) =>
          response
            .writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'text/plain', 'content-security-policy': POLICY })
            .end(body),
        () => response.writeHead(file === '/favicon.ico' ? 204 : 404).end(),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new GalleryServer(server, folder);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    await rm(this.#folder, { recursive: true, force: true });
  }
}
