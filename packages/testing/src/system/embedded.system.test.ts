import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { LogEntry, LogPage, ServiceList } from '@kubidu/contracts';
import { describe, expect, it } from '@jest/globals';

import { CliReader } from '../cli-reader.ts';
import { eventually } from '../eventually.ts';
import { NumberedFeed } from '../numbered-feed.ts';
import { judge } from '../oracle.ts';
import { RawHttp } from '../protocol/raw-http.ts';
import { RunningApi } from '../running-api.ts';
import { Readers } from './readers.ts';

const LONG = process.env['KUBIDU_TEST_LONG'] !== undefined;

/** Everything the server holds of a service, by pages. */
async function stored(url: string, service: string): Promise<LogEntry[]> {
  const http = new RawHttp(url);
  const entries: LogEntry[] = [];
  for (let after = 0; ;) {
    const page = await http.get<LogPage>(`/api/services/${service}/logs?after=${after}&limit=10000`);
    entries.push(...page.entries);
    if (page.next === undefined) return entries;
    after = page.next;
  }
}

describe('the embedded server', () => {
  it('killed while lines come in, holds every acknowledged line under its index, and readers go on', async () => {
    await using api = await RunningApi.start();
    const feeds = ['w1', 'w2', 'w3'].map(
      (writer) => new NumberedFeed({ urls: [api.url], stream: 'runtime:web', writer, perSecond: 3_000, batch: 100 }),
    );
    const lines = LONG ? 100_000 : 15_000;
    await feeds[0]?.send(100); // what nobody wrote to yet is no service to the CLI
    await using readers = await Readers.open(api.url, 'web', { cli: 1, plain: 3, sdk: 3 });
    const sending = Promise.all(feeds.map((feed) => feed.send(lines - feed.acknowledged)));
    for (let kills = 1; kills <= (LONG ? 20 : 4); kills++) {
      await eventually(() => (feeds[0]?.acknowledged ?? 0) > (lines * kills) / (LONG ? 22 : 6), { timeoutMs: 60_000 });
      const acknowledged = feeds.map((feed) => feed.acknowledged);
      await api.restart();
      const held = await stored(api.url, 'web');
      expect(held.map(({ index }) => index)).toEqual(held.map((_, i) => i + 1));
      const verdict = judge(
        held,
        feeds.map((_, i) => ({ writer: `w${i + 1}`, lines })),
        { after: 0 },
      );
      const missing = verdict.holes.filter(
        ({ writer, from }) => from <= (acknowledged[Number(writer.slice(1)) - 1] ?? 0),
      );
      expect(missing).toEqual([]);
    }
    await sending;
    expect(feeds.some(({ retries }) => retries > 0)).toBe(true);
    await readers.reach(3 * lines);
    readers.mustBeComplete(
      feeds.map((_, i) => ({ writer: `w${i + 1}`, lines })),
      { after: 0, through: 3 * lines },
    );
    expect(await stored(api.url, 'web')).toEqual(readers.all[0]?.entries);
  }, 120_000);

  it('runs a Procfile, shows its lines at once, ends every child with itself, and keeps the streams', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kubidu-procfile-'));
    try {
      const speak = 'n=0; while :; do n=$((n+1)); echo "$$ $n"; sleep 0.05; done';
      await writeFile(join(folder, 'Procfile'), `# two services\nweb: ${speak}\nworker: ${speak} & wait\n`);
      const env = { KUBIDU_PROCFILE: join(folder, 'Procfile'), KUBIDU_FORMATION: 'web=3,worker=1' };
      await using api = await RunningApi.start({ env });
      await using cli = await CliReader.start({ url: api.url, service: 'web' });
      const lines = () => cli.entries.filter(({ stream }) => stream !== 'system');
      await eventually(() => lines().length > 0, { timeoutMs: 5_000, everyMs: 5 });
      await eventually(() => new Set(lines().map(({ podName }) => podName)).size === 3);
      expect([...new Set(lines().map(({ podName }) => podName))].sort()).toEqual(['web.1', 'web.2', 'web.3']);
      const { services } = await new RawHttp(api.url).get<ServiceList>('/api/services');
      expect(services.map(({ serviceId, pods }) => `${serviceId} ${pods.length}`).sort()).toEqual([
        'web 3',
        'worker 1',
      ]);
      await eventually(async () => (await stored(api.url, 'worker')).some(({ stream }) => stream === 'stdout'));
      const printed = [...lines(), ...(await stored(api.url, 'worker'))].filter(({ stream }) => stream !== 'system');
      const pids = new Set(printed.map(({ message }) => Number(message.split(' ')[0])));
      expect(pids.size).toBe(4);
      const last = cli.last;

      expect(await api.stop('SIGINT')).toBeLessThan(131);
      await eventually(() => [...pids].every((pid) => !alive(pid)));
      await api.restart();
      await eventually(() => cli.entries.some(({ index, stream }) => index > last && stream === 'stdout'));
      expect(cli.entries.map(({ index }) => index)).toEqual(cli.entries.map((_, i) => i + 1));
      const held = await stored(api.url, 'web');
      expect(held.slice(0, cli.entries.length)).toEqual(cli.entries);
      expect(await cli.interrupt()).toBe(130);
      expect(await api.stop('SIGTERM')).toBeLessThan(144);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }, 60_000);

  it('killed with -9 leaves no child behind', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kubidu-procfile-'));
    try {
      await writeFile(join(folder, 'Procfile'), 'web: while :; do echo $$; sleep 0.05; done\n');
      await using api = await RunningApi.start({ env: { KUBIDU_PROCFILE: join(folder, 'Procfile') } });
      const pid = await eventually(async () => {
        const line = (await stored(api.url, 'web')).find(({ stream }) => stream === 'stdout');
        return line !== undefined && Number(line.message);
      });
      expect(alive(pid)).toBe(true);
      await api.kill9();
      await eventually(() => !alive(pid), { timeoutMs: 5_000 });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }, 30_000);
});

function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
