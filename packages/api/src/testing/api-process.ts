import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const START_MS = 15_000;

/** The built server as a process of its own; killed at the end where it has not ended by itself. */
export class ApiProcess implements AsyncDisposable {
  readonly child: ChildProcess;
  readonly exit: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  stdout = '';
  stderr = '';

  constructor(environment: Readonly<Record<string, string>>, cwd = tmpdir()) {
    const { PATH = '', KUBIDU_TEST_RUN = '' } = process.env;
    this.child = spawn(process.execPath, [MAIN], {
      cwd,
      env: { PATH, KUBIDU_TEST_RUN, PORT: '0', KUBIDU_PROCFILE: 'off', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout?.on('data', (data: Buffer) => (this.stdout += data.toString()));
    this.child.stderr?.on('data', (data: Buffer) => (this.stderr += data.toString()));
    this.exit = once(this.child, 'close').then(([code, signal]) => ({
      code: code as number | null,
      signal: signal as NodeJS.Signals | null,
    }));
  }

  /** Resolves once it says that it is ready. */
  static async ready(environment: Readonly<Record<string, string>>, cwd?: string): Promise<ApiProcess> {
    const api = new ApiProcess(environment, cwd);
    const late = AbortSignal.timeout(START_MS);
    while (!api.stdout.includes('\n')) {
      const [how] = await Promise.race([
        once(api.child.stdout ?? api.child, 'data', { signal: late }).then(() => ['spoke']),
        api.exit.then(() => ['ended']),
      ]);
      if (how === 'ended') throw new Error(`the server ended at its start: ${api.stderr}`);
    }
    return api;
  }

  /** Where it listens, as it said. */
  get url(): string {
    return /^Kubidu Logs: (http:\/\/\S+)$/m.exec(this.stdout)?.[1] ?? '';
  }

  async get(path: string): Promise<{ status: number; body: Record<string, unknown> }> {
    const response = await fetch(this.url + path);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  async post(path: string, body: unknown): Promise<{ status: number; body: Record<string, unknown> }> {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(this.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  /** Sends the signal and waits for the end. */
  async end(signal: NodeJS.Signals): Promise<{ code: number | null; signal: NodeJS.Signals | null; tookMs: number }> {
    const began = Date.now();
    this.child.kill(signal);
    return { ...(await this.exit), tookMs: Date.now() - began };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) await this.end('SIGKILL');
  }
}

/** A folder that goes with its test. */
export class TemporaryFolder implements AsyncDisposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async create(): Promise<TemporaryFolder> {
    return new TemporaryFolder(
      await mkdtemp(join(tmpdir(), `kubidu-test-${process.env['KUBIDU_TEST_RUN'] ?? ''}-api-`)),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}
