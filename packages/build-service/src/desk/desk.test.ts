import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LogsError, MemoryDeployments, MemoryLeases, MemoryLogStore, systemClock } from '@kubidu/core';
import type { BuildQueue } from '@kubidu/core';
import { eventually } from '@kubidu/testing';

import { DiskBuildQueue } from '../queue/disk-build-queue.ts';
import { Sealer } from '../secrets/sealer.ts';
import { DiskBuildUploads } from '../uploads/disk-build-uploads.ts';
import { Desk } from './desk.ts';
import type { DeskOptions } from './desk.ts';
import { Orphans } from './orphans.ts';

let folder: string;
let store: MemoryLogStore;
let deployments: MemoryDeployments;
let queue: DiskBuildQueue;
let uploads: DiskBuildUploads;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubidu-desk-'));
  await mkdir(join(folder, 'app'));
  await mkdir(join(folder, 'apps'));
  await symlink(join(folder, 'apps'), join(folder, 'app', 'out'));
  store = new MemoryLogStore();
  deployments = new MemoryDeployments();
  queue = await DiskBuildQueue.open(join(folder, 'queue'));
  uploads = await DiskBuildUploads.open({ path: join(folder, 'uploads'), maxBytes: 10_000 });
});

afterEach(async () => {
  await queue[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const sealer = new Sealer({});

function newDesk(change: Partial<DeskOptions> = {}): Desk {
  return new Desk({
    ...{ store, deployments, queue, uploads, sealer, clock: systemClock, random: randomBytes },
    allowedRoots: [join(folder, 'app')],
    workersHere: true,
    health: () => Promise.resolve({ ok: true }),
    ...change,
  });
}

const request = (change = {}) => ({ serviceId: 'web', source: { path: join(folder, 'app') }, ...change });

async function entriesOf(deploymentId: string) {
  const { batches, ended } = await store.read(`build:${deploymentId}`, { after: 0, limit: 100 });
  return { entries: batches.flatMap((batch) => batch.entries()), ended };
}

async function* bytes(...pieces: readonly (Uint8Array | string)[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield await Promise.resolve(Buffer.from(piece));
}

/** Begins like a tar. */
const tar = () => {
  const record = Buffer.alloc(512);
  record.write('ustar', 257);
  return record;
};

/** A queue that takes nothing. */
const refusing = (): BuildQueue => ({
  add: () => Promise.reject(new LogsError('UNAVAILABLE', 'the queue is away')),
  cancel: () => Promise.resolve('unknown'),
  work: () => Promise.reject(new Error('nothing to do')),
  has: () => Promise.resolve(false),
  depth: () => Promise.resolve({ waiting: 0, running: 0 }),
  [Symbol.asyncDispose]: () => Promise.resolve(),
});

describe('A build that is asked for', () => {
  it('has a record, a stream and a place in the queue', async () => {
    const asked = await newDesk().request(request({ target: 'run' }), 'a');
    expect(asked).toMatchObject({ serviceId: 'web', status: 'queued', tenant: 'a' });
    expect(await deployments.get(asked.deploymentId)).toEqual(asked);
    expect(await entriesOf(asked.deploymentId)).toMatchObject({
      entries: [{ index: 1, message: 'queued', stream: 'system' }],
    });
    const seen: unknown[] = [];
    await using _worker = await queue.work(async (job) => void seen.push(job), {
      ...{ concurrency: 1, retry: true, abandoned: () => Promise.resolve() },
    });
    await eventually(() =>
      expect(seen).toEqual([{ deploymentId: asked.deploymentId, request: request({ target: 'run' }) }]),
    );
  });

  it('sorts behind those before it, also within one millisecond', async () => {
    const desk = newDesk({ clock: { ...systemClock, now: () => 1_700_000_000_000 } });
    const ids: string[] = [];
    for (let n = 0; n < 20; n++) ids.push((await desk.request(request())).deploymentId);
    expect([...ids].sort()).toEqual(ids);
  });

  it('keeps its secrets sealed, on disk as well', async () => {
    const secrets = { NPM_TOKEN: 'npm_tell-nobody' };
    const { deploymentId } = await newDesk().request(request({ secrets }));
    const files = await readdir(join(folder, 'queue'));
    const texts = await Promise.all(files.map((name) => readFile(join(folder, 'queue', name), 'utf8')));
    expect(texts.join()).not.toContain('tell-nobody');
    expect(texts.join()).not.toContain('NPM_TOKEN');
    const { job } = JSON.parse(texts[0] ?? '') as { job: { sealedSecrets: string } };
    expect(sealer.open(deploymentId, job.sealedSecrets)).toEqual(secrets);
  });

  it.each([
    { of: 'a folder beside the allowed one', path: () => join(folder, 'apps') },
    { of: 'a way out by dots', path: () => `${folder}/app/../apps` },
    { of: 'a way out by a link', path: () => join(folder, 'app', 'out') },
    { of: 'a relative path', path: () => 'app' },
    { of: 'a folder that is not there', path: () => join(folder, 'app', 'none') },
  ])('is refused for $of', async ({ path }) => {
    const asked = newDesk().request(request({ source: { path: path() } }));
    await expect(asked).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', details: [{ field: 'source.path' }] });
    expect(await deployments.list({ limit: 10 })).toEqual([]);
  });

  it('is refused for any path where none is allowed', async () => {
    const asked = newDesk({ allowedRoots: [] }).request(request());
    await expect(asked).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it('may name a path of another machine that cannot be looked at from here', async () => {
    const desk = newDesk({ workersHere: false, allowedRoots: ['/srv/apps'] });
    expect(await desk.request(request({ source: { path: '/srv/apps/web' } }))).toMatchObject({ status: 'queued' });
    const outside = desk.request(request({ source: { path: '/srv/apps/../web' } }));
    await expect(outside).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it.each([
    { by: 'a', of: 'a', taken: true },
    { by: 'a', of: 'b', taken: false },
    { by: 'a', of: undefined, taken: false },
    { by: undefined, of: 'b', taken: true },
  ])('from what $by uploaded is taken for $of: $taken', async ({ by, of, taken }) => {
    const desk = newDesk();
    const { upload } = await desk.upload(bytes(tar()), by);
    const asked = desk.request(request({ source: { upload } }), of);
    if (taken) expect(await asked).toMatchObject({ status: 'queued' });
    else await expect(asked).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', details: [{ field: 'source.upload' }] });
  });

  it('has failed, in words, where the queue is away', async () => {
    await expect(newDesk({ queue: refusing() }).request(request())).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    const [record] = await deployments.list({ limit: 10 });
    expect(record).toMatchObject({ status: 'failed', endedAt: expect.any(String) });
    const { entries, ended } = await entriesOf(record?.deploymentId ?? '');
    expect(ended).toEqual({ status: 'failed' });
    expect(entries.map(({ message }) => message)).toEqual(['queued', 'the build could not be queued', 'build failed']);
  });
});

describe('An upload', () => {
  it.each([
    { of: 'a tar', pieces: [tar(), 'x'] },
    { of: 'a tar in small pieces', pieces: [tar().subarray(0, 300), tar().subarray(300)] },
    { of: 'a gzip', pieces: [Buffer.from([0x1f]), Buffer.from([0x8b, 8, 0])] },
  ])('of $of is kept as it is', async ({ pieces }) => {
    const { upload, bytes: count } = await newDesk().upload(bytes(...pieces));
    const read: Uint8Array[] = [];
    for await (const piece of uploads.read(upload)) read.push(piece);
    expect(Buffer.concat(read)).toEqual(Buffer.concat(pieces.map((piece) => Buffer.from(piece))));
    expect(count).toBe(Buffer.concat(read).length);
  });

  it.each([{ pieces: [] }, { pieces: ['PK\x03\x04'] }, { pieces: ['x'.repeat(600)] }])(
    'of no archive is refused: $pieces',
    async ({ pieces }) => {
      await expect(newDesk().upload(bytes(...pieces))).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
      expect(await readdir(join(folder, 'uploads'))).toEqual([]);
    },
  );

  it('that is too large is refused, and the desk tells the limit', async () => {
    const desk = newDesk();
    expect(desk.maxUploadBytes).toBe(10_000);
    await expect(desk.upload(bytes(tar(), 'x'.repeat(10_000)))).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
  });
});

describe('A build that is cancelled', () => {
  it('while it waits has ended at once, in its stream as well', async () => {
    const desk = newDesk();
    const { deploymentId } = await desk.request(request());
    expect(await desk.cancel(deploymentId)).toMatchObject({ status: 'cancelled', endedAt: expect.any(String) });
    const { entries, ended } = await entriesOf(deploymentId);
    expect(ended).toEqual({ status: 'cancelled' });
    expect(entries.at(-1)).toMatchObject({
      message: 'build cancelled',
      event: { type: 'build-finished', status: 'cancelled' },
    });
    expect(await queue.depth()).toEqual({ waiting: 0, running: 0 });
    await expect(desk.cancel(deploymentId)).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('while it runs is told so, and stays as it is until its worker ends it', async () => {
    const desk = newDesk();
    const { deploymentId } = await desk.request(request());
    let stopped = false;
    await using _worker = await queue.work(
      async (_job, { signal }) => {
        await deployments.change(deploymentId, { status: 'running' });
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        stopped = true;
      },
      { concurrency: 1, retry: true, abandoned: () => Promise.resolve() },
    );
    await eventually(async () => (await deployments.get(deploymentId))?.status === 'running');
    expect(await desk.cancel(deploymentId)).toMatchObject({ status: 'running', cancelRequested: true });
    await eventually(() => stopped);
    expect((await store.head(`build:${deploymentId}`)).ended).toBeUndefined();
  });

  it('has ended where it is only just being queued', async () => {
    const record = {
      deploymentId: 'd1',
      serviceId: 'web',
      status: 'queued',
      createdAt: '2026-11-20T23:16:57Z',
    } as const;
    await deployments.create(record);
    expect(await newDesk().cancel('d1')).toMatchObject({ status: 'cancelled' });
  });

  it('is not there where nobody asked for it', async () => {
    await expect(newDesk().cancel('never')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('A build whose desk died before it was queued', () => {
  it('is lost, in words, and others are not', async () => {
    const createdAt = '2026-11-20T23:16:57Z';
    const orphan = { deploymentId: 'd1', serviceId: 'web', status: 'queued', createdAt } as const;
    await deployments.create(orphan);
    const { deploymentId: queued } = await newDesk().request(request());
    const defects: unknown[] = [];
    await using _orphans = new Orphans({
      ...{ store, deployments, queue, clock: systemClock, leases: new MemoryLeases(), everyMs: 20 },
      onDefect: (error) => defects.push(error),
    });
    await eventually(async () => expect(await deployments.get('d1')).toMatchObject({ status: 'lost' }));
    const { entries, ended } = await entriesOf('d1');
    expect(ended).toEqual({ status: 'lost' });
    expect(entries.map(({ message }) => message)).toEqual([
      'the queue does not know this build any more',
      'build lost',
    ]);
    expect(await deployments.get(queued)).toMatchObject({ status: 'queued' });
    expect(defects).toEqual([]);
  });
});
