import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Deployment, LogEntry } from '@kubidu/contracts';
import { eventually, RealDocker, RunningApi } from '@kubidu/testing';

let docker: RealDocker;
let context: string;
let temporary: string;

beforeAll(async () => {
  docker = RealDocker.open();
  context = await mkdtemp(join(tmpdir(), 'kubidu-context-'));
  temporary = await mkdtemp(join(tmpdir(), 'kubidu-temporary-'));
  const steps = [
    'FROM kubidu.test/busybox:1',
    'RUN i=0; while [ $i -lt 5 ]; do i=$((i+1)); echo line $i; sleep 1; done',
  ];
  await writeFile(join(context, 'Dockerfile'), steps.join('\n'));
});

afterAll(async () => {
  await docker[Symbol.asyncDispose]();
  for (const folder of [context, temporary]) await rm(folder, { recursive: true, force: true });
});

/** What it leaves among the temporary files when it is killed goes with the context. */
const start = () =>
  RunningApi.start({ env: { ...docker.env, KUBIDU_BUILD_ARGUMENTS: '--network host', TMPDIR: temporary } });

async function call<T>(api: RunningApi, method: string, path: string, body?: unknown): Promise<T> {
  const response = await fetch(`${api.url}/api${path}`, {
    method,
    ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  return (await response.json()) as T;
}

/** Begins a build, and resolves once it has written its second line. */
async function begun(api: RunningApi): Promise<string> {
  const request = { serviceId: 'web', source: { path: context }, noCache: true };
  const { deploymentId } = await call<Deployment>(api, 'POST', '/deployments', request);
  await eventually(async () => (await messagesOf(api, deploymentId)).includes('line 2'), { timeoutMs: 20_000 });
  return deploymentId;
}

async function messagesOf(api: RunningApi, deploymentId: string): Promise<string[]> {
  const { entries } = await call<{ entries: LogEntry[] }>(api, 'GET', `/streams/build:${deploymentId}/logs`);
  return entries.filter(({ message }) => !message.startsWith('step ')).map(({ message }) => message);
}

async function ended(api: RunningApi, deploymentId: string): Promise<Deployment> {
  return eventually(
    async () => {
      const deployment = await call<Deployment>(api, 'GET', `/deployments/${deploymentId}`);
      return deployment.endedAt !== undefined && deployment;
    },
    { timeoutMs: 30_000 },
  );
}

const LINES = ['line 1', 'line 2', 'line 3', 'line 4', 'line 5'];

describe('A server without Redis', () => {
  it('builds by itself, and says so where it starts', async () => {
    await using api = await start();
    expect(api.stdout).toContain('npx kubidu deploy samples/app');
    const id = await begun(api);
    const deployment = await ended(api, id);
    expect(deployment).toMatchObject({ status: 'succeeded', exitCode: 0, image: expect.stringMatching(/^sha256:/) });
    expect((await messagesOf(api, id)).filter((message) => message.startsWith('line '))).toEqual(LINES);
    const { lastIndex } = await call<{ lastIndex: number }>(api, 'GET', `/streams/build:${id}`);
    const metrics = await (await fetch(`${api.url}/metrics`)).text();
    // All but the first entry, by which the desk says that the build is queued.
    expect(metrics).toContain(`kubidu_logs_appended_lines_total{kind="build"} ${lastIndex - 1}\n`);
    await docker.docker('image', 'rm', '--force', `kubidu/web:${id}`);
  }, 90_000);

  it('builds an archive that was sent, and keeps it no longer', async () => {
    await using api = await start();
    const tar = await promisify(execFile)('tar', ['-C', context, '-cz', '.'], { encoding: 'buffer' });
    const sent = await fetch(`${api.url}/api/deployments/uploads`, {
      method: 'POST',
      headers: { 'content-type': 'application/gzip' },
      body: new Uint8Array(tar.stdout),
    });
    const { upload } = (await sent.json()) as { upload: string };
    const request = { serviceId: 'web', source: { upload } };
    const { deploymentId } = await call<Deployment>(api, 'POST', '/deployments', request);
    expect(await ended(api, deploymentId)).toMatchObject({ status: 'succeeded' });
    await eventually(async () => expect(await readdir(join(api.dataDir, 'uploads'))).toEqual([]));
    await docker.docker('image', 'rm', '--force', `kubidu/web:${deploymentId}`);
  }, 60_000);

  it('stops a build that is cancelled', async () => {
    await using api = await start();
    const id = await begun(api);
    await call(api, 'DELETE', `/deployments/${id}`);
    expect(await ended(api, id)).toMatchObject({ status: 'cancelled' });
    const messages = await messagesOf(api, id);
    expect(messages.at(-1)).toBe('build cancelled');
    expect(messages).not.toContain('line 5');
  }, 60_000);

  it.each([
    { end: 'killed', stop: (api: RunningApi) => api.kill9() },
    { end: 'told to end', stop: (api: RunningApi) => api.stop() },
  ])(
    'that is $end in mid build begins it anew once it is back, behind what was written',
    async ({ stop }) => {
      await using api = await start();
      const id = await begun(api);
      await stop(api);
      await api.restart();
      expect(await ended(api, id)).toMatchObject({ status: 'succeeded' });
      const messages = await messagesOf(api, id);
      const anew = messages.findIndex((message) => message.includes('begins anew'));
      const linesIn = (some: readonly string[]) => some.filter((message) => message.startsWith('line '));
      expect(linesIn(messages.slice(0, anew))).toEqual(LINES.slice(0, linesIn(messages.slice(0, anew)).length));
      expect(linesIn(messages.slice(anew))).toEqual(LINES);
      await docker.docker('image', 'rm', '--force', `kubidu/web:${id}`);
    },
    90_000,
  );
});
