import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import { describe, expect, it } from '@jest/globals';
import type { LogEntry } from '@kubidu/contracts';
import { RealRedis, eventually } from '@kubidu/testing';

import { entriesFrom } from './testing/api-fixture.ts';
import { ApiProcess, TemporaryFolder } from './testing/api-process.ts';

async function entriesOf(api: ApiProcess, service: string): Promise<LogEntry[]> {
  const { body } = await api.get(`/api/services/${service}/logs`);
  return (body['entries'] ?? []) as LogEntry[];
}

/** Whether any process has this text on its command line. */
async function runs(text: string): Promise<boolean> {
  const { readdir, readFile } = await import('node:fs/promises');
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (line.includes(text)) return true;
  }
  return false;
}

describe('the server as a process', () => {
  it('says on one line where it listens, runs the Procfile, and ends everything on Ctrl-C', async () => {
    await using folder = await TemporaryFolder.create();
    const mark = `tick-${process.pid}`;
    await writeFile(join(folder.path, 'Procfile'), `web: while true; do echo ${mark}; sleep 0.05; done\n`);
    const environment = { KUBIDU_PROCFILE: 'Procfile', KUBIDU_FORMATION: 'web=2' };
    await using api = await ApiProcess.ready(environment, folder.path);
    expect(api.stdout).toMatch(/^Kubidu Logs: http:\/\/127\.0\.0\.1:\d+\n/);
    expect(api.stdout).toContain('npx kubidu logs web -f');
    // No engine is named, and the default one is that of the machine.
    expect(api.stdout).toMatch(
      /^(?:Nothing can be built: .*Docker|Build an image and watch it: {2}npx kubidu deploy samples\/app)/m,
    );
    const podsOf = (entries: LogEntry[]) => new Set(entries.map(({ podName }) => podName));
    await eventually(async () => expect(podsOf(await entriesOf(api, 'web'))).toEqual(new Set(['web.1', 'web.2'])));
    expect((await api.get('/readyz')).status).toBe(200);
    const ended = await api.end('SIGINT');
    expect([ended.code, ended.tookMs < 10_000]).toEqual([0, true]);
    expect(await runs(mark)).toBe(false);
    expect(api.stderr).toBe('');
  });

  it('runs the sample where nothing is asked for, web in three replicas', async () => {
    await using folder = await TemporaryFolder.create();
    await using api = await ApiProcess.ready({ KUBIDU_PROCFILE: '' }, folder.path);
    expect(api.stdout).toContain('npx kubidu logs web -f');
    await eventually(async () => {
      const { body } = await api.get('/api/services');
      const services = body['services'] as { serviceId: string; pods: unknown[] }[];
      const found = services.map(({ serviceId, pods }) => `${serviceId} ${pods.length}`);
      expect(found).toEqual(['flaky 1', 'web 3', 'worker 1']);
    });
    await eventually(async () => {
      const pods = (await entriesOf(api, 'web')).filter(({ message }) => message.startsWith('listening on'));
      expect(pods.map(({ podName }) => podName).sort()).toEqual(['web.1', 'web.2', 'web.3']);
    });
    expect(await api.end('SIGINT')).toMatchObject({ code: 0 });
  });

  it('says which file is missing', async () => {
    await using folder = await TemporaryFolder.create();
    await using api = new ApiProcess({ KUBIDU_PROCFILE: 'Procfle' }, folder.path);
    expect(await api.exit).toMatchObject({ code: 2 });
    expect(api.stderr).toContain(`KUBIDU_PROCFILE: there is no file ${join(folder.path, 'Procfle')}`);
  });

  it('keeps streams and indexes over a stop and a start', async () => {
    await using folder = await TemporaryFolder.create();
    const first = await ApiProcess.ready({}, folder.path);
    await first.post('/api/streams/job:1/entries', { entries: entriesFrom(1, 3) });
    expect(await first.end('SIGTERM')).toMatchObject({ code: 0 });
    await using second = await ApiProcess.ready({}, folder.path);
    expect((await second.post('/api/streams/job:1/entries', { entries: entriesFrom(3, 2) })).body).toEqual({
      accepted: 1,
      duplicates: 1,
      lastIndex: 4,
    });
  });

  it('has every acknowledged line under its index after kill -9', async () => {
    await using folder = await TemporaryFolder.create();
    const first = await ApiProcess.ready({}, folder.path);
    let acknowledged = 0;
    const writing = (async () => {
      for (let n = 1; ; n += 10) {
        const { body } = await first.post('/api/streams/runtime:web/entries', { entries: entriesFrom(n, 10) });
        acknowledged = Number(body['lastIndex']);
      }
    })().catch(() => undefined); // the server is killed under it: that is how the writing ends
    await eventually(() => acknowledged >= 200);
    await first.end('SIGKILL');
    await writing;
    await using second = await ApiProcess.ready({}, folder.path);
    const entries = await entriesOf(second, 'web');
    expect(entries.length).toBeGreaterThanOrEqual(acknowledged);
    expect(entries.map(({ index, message }) => `${index} ${message}`)).toEqual(
      entries.map((_, at) => `${at + 1} line ${at + 1}`),
    );
  });

  it('lists every mistake of the configuration and exits with 2', async () => {
    await using api = new ApiProcess({
      PORT: 'x',
      HOST: '0.0.0.0',
      KUBIDU_RETENTION: 'soon',
      KUBIDU_JWT_SECRET: 'hunter2',
    });
    expect(await api.exit).toMatchObject({ code: 2 });
    for (const name of ['PORT=x', 'KUBIDU_RETENTION=soon', 'KUBIDU_JWT_SECRET:']) expect(api.stderr).toContain(name);
    expect([api.stdout, api.stderr.includes('hunter2'), api.stderr.includes('    at ')]).toEqual(['', false, false]);
  });

  it('says in words that its port is taken, or its folder in use', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await using folder = await TemporaryFolder.create();
    await eventually(() => taken.listening);
    const port = String((taken.address() as AddressInfo).port);
    await using one = new ApiProcess({ PORT: port }, folder.path);
    expect(await one.exit).toMatchObject({ code: 1 });
    expect(one.stderr).toContain(`port ${port} of 127.0.0.1 is taken`);
    await using _first = await ApiProcess.ready({}, folder.path);
    await using second = new ApiProcess({}, folder.path);
    expect(await second.exit).toMatchObject({ code: 1 });
    expect(second.stderr).not.toContain('    at ');
    taken.close();
  });
});

describe('servers on one Redis', () => {
  it('start while Redis is away, say so, and recover', async () => {
    const redis = await RealRedis.start({ appendOnly: true });
    await using _redis = redis;
    await redis.kill9();
    await using api = await ApiProcess.ready({ KUBIDU_REDIS_URL: redis.url });
    expect(await api.get('/readyz')).toMatchObject({ status: 503, body: { dependencies: { store: { ok: false } } } });
    expect((await api.post('/api/streams/job:1/entries', { entries: entriesFrom(1, 1) })).status).toBe(503);
    await redis.restart();
    await eventually(async () => expect((await api.get('/readyz')).status).toBe(200));
    expect((await api.post('/api/streams/job:1/entries', { entries: entriesFrom(1, 1) })).body).toMatchObject({
      lastIndex: 1,
    });
  });

  it('follow a service once; when the follower is killed, the other takes over within 10 s', async () => {
    await using redis = await RealRedis.start();
    await using folder = await TemporaryFolder.create();
    const procfile = join(folder.path, 'Procfile');
    await writeFile(procfile, 'web: while true; do echo "$NAME"; sleep 0.05; done\n');
    const replica = (name: string) =>
      ApiProcess.ready({
        NAME: name,
        KUBIDU_REDIS_URL: redis.url,
        KUBIDU_PROCFILE: procfile,
        KUBIDU_DATA_DIR: join(folder.path, name),
      });
    await using first = await replica('first');
    const writers = async (api: ApiProcess, after = 0) => {
      const { body } = await api.get(`/api/services/web/logs?after=${after}`);
      const lines = (body['entries'] as LogEntry[]).filter(({ stream }) => stream === 'stdout');
      return new Set(lines.map(({ message }) => message));
    };
    await eventually(async () => expect(await writers(first)).toEqual(new Set(['first'])));
    await using second = await replica('second');
    await eventually(async () => expect((await second.get('/readyz')).status).toBe(200));
    expect(await writers(second)).toEqual(new Set(['first']));
    await first.end('SIGKILL');
    const { body } = await second.get('/api/streams/runtime:web');
    await eventually(async () => expect(await writers(second, Number(body['lastIndex']))).toContain('second'), {
      timeoutMs: 10_000,
    });
    expect(await second.end('SIGTERM')).toMatchObject({ code: 0 });
  });
});
