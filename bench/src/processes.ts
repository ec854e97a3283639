import { fork, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../..');
const READY = /^Kubidu Logs: (\S+)$/m;
/** Linux counts CPU time in hundredths of a second (`getconf CLK_TCK`). */
const TICKS_PER_SECOND = 100;

/** What a process has used so far. */
export interface Cost {
  readonly cpuS: number;
  /** Of its children that have ended, and of theirs. */
  readonly childrenCpuS: number;
  readonly rssMiB: number;
}

/** A server of ours, as a process of its own. */
export interface RunningServer extends AsyncDisposable {
  readonly url: string;
  readonly readyMs: number;
  cost(): Cost;
}

/** The API as `npm start` runs it, on a free port. */
export async function startApi(env: NodeJS.ProcessEnv): Promise<RunningServer> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'kubidu-bench-'));
  const began = performance.now();
  const child = spawn(process.execPath, [path.join(ROOT, 'packages/api/dist/main.js')], {
    env: { PATH: process.env['PATH'], PORT: '0', KUBIDU_DATA_DIR: dataDir, KUBIDU_PROCFILE: 'off', ...env },
    stdio: ['ignore', 'pipe', process.env['BENCH_VERBOSE'] ? 'inherit' : 'ignore'],
  });
  const url = await readyUrl(child);
  return {
    url,
    readyMs: performance.now() - began,
    cost: () => costOf(child),
    async [Symbol.asyncDispose]() {
      await end(child, 'SIGTERM');
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

function readyUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.once('exit', (code) => reject(new Error(`the API ended with code ${code} before it was ready`)));
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      const url = READY.exec(text)?.[1];
      if (url !== undefined) resolve(url);
    });
  });
}

/** A part of a benchmark that runs as a process of its own. */
export interface Part extends AsyncDisposable {
  /** What it says next under this key. */
  next<T>(key: string): Promise<T>;
  send(message: object): void;
  cost(): Cost;
}

/** Starts a `*.part.ts` and sends it what to do. */
export function startPart(name: string, request: object): Part {
  const child = fork(path.join(import.meta.dirname, `${name}.part.js`));
  const heard = new Map<string, unknown>();
  child.on('message', (message: Record<string, unknown>) => {
    for (const [key, value] of Object.entries(message)) heard.set(key, value);
  });
  child.send(request);
  return {
    async next<T>(key: string): Promise<T> {
      while (!heard.has(key)) {
        if (child.exitCode !== null) throw new Error(`${name} ended with code ${child.exitCode}`);
        await Promise.race([once(child, 'message'), once(child, 'exit')]);
      }
      const value = heard.get(key) as T;
      heard.delete(key);
      return value;
    },
    send: (message) => {
      child.send(message);
    },
    cost: () => costOf(child),
    [Symbol.asyncDispose]: () => end(child, 'SIGKILL'),
  };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}

/** What a process has used so far, from /proc. */
export function costOf({ pid }: Pick<ChildProcess, 'pid'>): Cost {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  const rss = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  const secondsIn = (at: number) => (Number(fields[at]) + Number(fields[at + 1])) / TICKS_PER_SECOND;
  return { cpuS: secondsIn(11), childrenCpuS: secondsIn(13), rssMiB: Number(rss ?? 0) / 1024 };
}
