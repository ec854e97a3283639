import { describe, expect, it } from '@jest/globals';
import { LIMITS } from '@kubidu/contracts';
import type { LogHistogram, StreamId } from '@kubidu/contracts';
import { encodeEntry, LogsError, MemoryLogStore, MemoryServiceOwners } from '@kubidu/core';
import type { LogStore } from '@kubidu/core';
import { eventually } from '@kubidu/testing';

import { ApiFixture, SECRET, tokenOf } from '../../../testing/api-fixture.ts';

const STREAM: StreamId = 'runtime:web';
const PATH = `/api/streams/${STREAM}/logs/histogram`;

/** Lines a second apart; every third is an error, and of the others every second has no level. */
async function storing(count: number): Promise<LogStore> {
  const store = new MemoryLogStore();
  for (let at = 0; at < count; at++) {
    const timestamp = new Date(Date.UTC(2026, 10, 20) + at * 1_000).toISOString();
    const level = at % 3 === 0 ? { level: 'ERROR' as const } : at % 2 === 0 ? { level: 'INFO' as const } : {};
    await store.append(STREAM, [encodeEntry({ timestamp, message: `line ${at + 1}`, ...level })]);
  }
  return store;
}

describe('a histogram over HTTP', () => {
  it('says how many lines of which level were written when', async () => {
    await using api = await ApiFixture.start({}, { store: await storing(6) });
    const { status, body } = await api.get(`${PATH}?buckets=2`);
    expect([status, body]).toEqual([
      200,
      {
        bucketSeconds: 4,
        buckets: [
          { from: '2026-11-20T00:00:00.000Z', lines: 4, levels: { INFO: 1, ERROR: 2 } },
          { from: '2026-11-20T00:00:04.000Z', lines: 2, levels: { INFO: 1 } },
        ],
        ...{ scannedTo: 1, lastIndex: 6, complete: true, exact: true },
      },
    ]);
  });

  it('counts what is of a time, and what is before an index', async () => {
    await using api = await ApiFixture.start({}, { store: await storing(60) });
    const linesOf = async (asked: string) => {
      const { body } = await api.get(`${PATH}?${asked}`);
      return (body as unknown as LogHistogram).buckets.reduce((sum, { lines }) => sum + lines, 0);
    };
    expect(await linesOf('since=2026-11-20T00:00:10Z&until=2026-11-20T00:00:25Z')).toBe(15);
    expect(await linesOf('before=11')).toBe(10);
    expect(await linesOf('since=1h')).toBe(0);
  });

  it.each([
    ['buckets=0', 'buckets'],
    [`buckets=${LIMITS.histogramBuckets + 1}`, 'buckets'],
    ['buckets=many', 'buckets'],
    ['before=-1', 'before'],
    ['since=yesterday', 'since'],
    ['since=1m&until=1h', 'until'],
  ])('refuses %s', async (asked, field) => {
    await using api = await ApiFixture.start({}, { store: await storing(3) });
    const { status, body } = await api.get(`${PATH}?${asked}`);
    expect([status, body.error?.code, body.error?.details?.[0]?.field]).toEqual([400, 'INVALID_ARGUMENT', field]);
  });

  it('shows a service to its tenant, and to another one as little as what there is not', async () => {
    const owners = new MemoryServiceOwners();
    await owners.claim('web', { namespace: 'n', tenant: 'b' });
    await using api = await ApiFixture.start({ KUBIDU_JWT_SECRET: SECRET }, { store: await storing(3), owners });
    const asked = async (tenant: string, path = PATH) => {
      const authorization = `Bearer ${await tokenOf({ tenants: [tenant] })}`;
      const response = await fetch(api.url + path, { headers: { authorization } });
      return [response.status, (await response.text()).replace(/runtime:\w+/, 'runtime:…')];
    };
    expect(await asked('b')).toEqual([200, expect.stringContaining('"buckets"')]);
    expect(await asked('a')).toEqual([404, expect.stringContaining('NOT_FOUND')]);
    expect(await asked('a')).toEqual(await asked('a', PATH.replace('web', 'none')));
    expect((await fetch(api.url + PATH)).status).toBe(401);
  });

  it('says that what it needs is away', async () => {
    const store = await storing(3);
    store.read = () => Promise.reject(new LogsError('UNAVAILABLE', 'the test says so'));
    await using api = await ApiFixture.start({}, { store });
    const { status, body } = await api.get(PATH);
    expect([status, body.error?.code]).toEqual([503, 'UNAVAILABLE']);
  });

  it('counts so many at a time for one reader, and one more once one of them is done', async () => {
    const store = await storing(3);
    const read = store.read.bind(store);
    let held = 0;
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    store.read = async (stream, range) => {
      held++;
      await gate;
      return read(stream, range);
    };
    await using api = await ApiFixture.start({}, { store });
    const running = Array.from({ length: LIMITS.histogramsPerPrincipal }, () => fetch(api.url + PATH));
    await eventually(() => held === LIMITS.histogramsPerPrincipal);
    const refused = await fetch(api.url + PATH);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
    release();
    for (const answer of running) expect((await answer).status).toBe(200);
    expect((await fetch(api.url + PATH)).status).toBe(200);
  });
});
