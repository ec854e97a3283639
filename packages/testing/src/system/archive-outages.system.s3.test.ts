import type { LogPage } from '@kubidu/contracts';
import { describe, expect, it } from '@jest/globals';

import { bucketObjects } from '../bucket-content.ts';
import { eventually } from '../eventually.ts';
import type { FaultOf, HttpFault, ProxiedRequest } from '../http-fault-proxy.ts';
import { metricOf } from '../metric-of.ts';
import { NumberedFeed } from '../numbered-feed.ts';
import { judge } from '../oracle.ts';
import { pace } from '../pace.ts';
import { HttpFailure, RawHttp } from '../protocol/raw-http.ts';
import { seededRandom } from '../seeded-random.ts';
import { ArchivePlant } from './archive-plant.ts';
import type { Replica } from './archive-plant.ts';
import { Readers } from './readers.ts';
import { Sending } from './sending.ts';
import { storedEntries } from './stored-entries.ts';

const LONG = process.env['KUBIDU_TEST_LONG'] !== undefined;
const OUTAGE_MS = LONG ? 600_000 : 8_000;
const LOGS = '/api/streams/runtime:web/logs';

const FAULTS: readonly HttpFault[] = [
  { status: 500 },
  { status: 503 },
  { cut: 'before' },
  { cut: 'after' },
  { delayMs: 3_000 },
];

/** Eight of ten requests fail, each in its way; now and then all do for a while. `onFault` is told of each. */
function failing(random: () => number, onFault: () => void): FaultOf {
  const next = (): HttpFault | undefined => {
    if (Math.floor(Date.now() / 2_000) % 4 === 0) return { status: 503 };
    return random() < 0.8 ? FAULTS[Math.floor(random() * FAULTS.length)] : undefined;
  };
  return () => {
    const fault = next();
    if (fault) onFault();
    return fault;
  };
}

/** Reads pages until told to stop: new ones, which must come, and old ones, which may be away but not wrong. */
class Pager {
  readonly newMs: number[] = [];
  old = 0;
  away = 0;
  #last = 0;
  readonly #http: RawHttp;
  readonly #random: () => number;

  constructor(url: string, random: () => number) {
    this.#http = new RawHttp(url);
    this.#random = random;
  }

  /** Rejects as soon as a page is not what it must be. */
  async readUntil(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#readNew(signal), this.#readOld(signal)]);
  }

  async #readNew(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const began = performance.now();
      const page = await this.#page('before=999999999999&limit=50');
      this.newMs.push(performance.now() - began);
      expect(page?.entries.length).toBe(50);
      this.#last = page?.lastIndex ?? 0;
      await pace(50);
    }
  }

  async #readOld(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (await this.#page(`after=${Math.floor(this.#random() * this.#last)}&limit=500`)) this.old++;
      else this.away++;
      await pace(50);
    }
  }

  /** The page, each entry what it is in whatever page; undefined while it is away. */
  async #page(range: string): Promise<LogPage | undefined> {
    try {
      const page = await this.#http.get<LogPage>(`${LOGS}?${range}`);
      expect(page.gaps).toEqual([]);
      const first = page.entries[0]?.index ?? 1;
      const mine = page.entries.map(({ index, message }) => [index, Number(message.split('|')[0])]);
      expect(mine).toEqual(mine.map((_, at) => [first + at, first + at]));
      return page;
    } catch (error) {
      if (error instanceof HttpFailure && error.status === 503) return undefined;
      throw error;
    }
  }
}

/** An archiver that does not know whether a write was done asks what there is before it writes again. */
function isNextAttempt({ method, path }: ProxiedRequest): boolean {
  if (method === 'PUT') return Number(/(\d{12})-\d{12}\./.exec(path)?.[1]) > 23;
  return path.includes('list-type=2') && path.includes('runtime%2Fweb') && !path.includes('delimiter=');
}

describe('an S3 that fails', () => {
  it('in every way while lines come and readers page costs no line, and the archiver catches up', async () => {
    const seed = Number(process.env['KUBIDU_TEST_SEED'] ?? Date.now() % 1_000_000);
    const random = seededRandom(seed);
    await using plant = await ArchivePlant.start({ roles: ['gateway', 'archiver'] });
    const [gateway, archiver] = plant.replicas as [Replica, Replica];
    const { url } = gateway.api;
    const feed = new NumberedFeed({ urls: [url], stream: 'runtime:web', writer: 'w', perSecond: 1_500 });
    await feed.send(1_500);
    await eventually(async () => (await bucketObjects(plant.s3, 'runtime/web')).length > 0);
    await using readers = await Readers.open(url, 'web', { plain: 2, sdk: 2 });
    await using sending = new Sending(feed);
    const stop = new AbortController();
    const pager = new Pager(url, random);
    const paging = pager.readUntil(stop.signal);
    let faults = 0;
    for (const { s3 } of plant.replicas) s3.faultOf = failing(random, () => faults++);
    await Promise.race([pace(OUTAGE_MS), paging]);
    for (const { s3 } of plant.replicas) s3.faultOf = () => undefined;
    await pace(2_000);
    stop.abort();
    await paging;
    await sending.stop();
    const { lastIndex } = feed;
    await readers.reach(lastIndex);
    const written = [{ writer: 'w', lines: lastIndex }];
    const range = { after: 0, through: lastIndex };
    readers.mustBeComplete(written, range);
    expect(faults).toBeGreaterThan(20);
    await eventually(
      async () => {
        expect(await metricOf(archiver.api.url, 'kubidu_logs_archive_lag_seconds')).toBeLessThan(60);
        const archived = Math.max(...(await bucketObjects(plant.s3, 'runtime/web')).map(({ last }) => last));
        expect(lastIndex - archived).toBeLessThan(3_000);
      },
      { timeoutMs: 60_000, everyMs: 500 },
    );
    const { entries, gaps } = await storedEntries(url, 'runtime:web');
    expect({ seed, gaps, report: judge(entries, written, range).report }).toEqual({
      ...{ seed, gaps: [], report: expect.stringMatching(/^complete/) },
    });
    expect(await metricOf(archiver.api.url, 'kubidu_logs_lost_lines_total{reason="not-archived"}')).toBe(0);
    const paged = { times: pager.newMs.length > 50, old: pager.old > 0, slowest: Math.max(...pager.newMs) < 3_000 };
    expect({ seed, paged, tookMs: pager.newMs }).toMatchObject({
      seed,
      paged: { times: true, old: true, slowest: true },
    });
  }, 900_000);

  it('until a stream has more than is kept for it lets the oldest go, tells readers of the gap, and counts it', async () => {
    await using plant = await ArchivePlant.start({ roles: ['gateway,archiver'] });
    const [{ api, s3 }] = plant.replicas as [Replica];
    const http = new RawHttp(api.url);
    const pad = 'x'.repeat(200_000);
    await http.feed('runtime:web', [`1 ${pad}`, `2 ${pad}`]);
    await eventually(async () => (await bucketObjects(plant.s3, 'runtime/web')).length > 0);
    s3.faultOf = () => ({ status: 503 });
    const lines = 360;
    for (let line = 3; line <= lines; line += 2)
      await http.feed('runtime:web', [`${line} ${pad}`, `${line + 1} ${pad}`]);
    await expect(http.get(`${LOGS}?after=0`)).rejects.toMatchObject({ status: 503 });
    const newest = await http.get<LogPage>(`${LOGS}?before=${lines + 1}&limit=5`);
    expect(newest.entries.map(({ index }) => index)).toEqual([356, 357, 358, 359, 360]);
    // What was read before it went may still be written, as long as it is tried; the next attempt begins with what is left.
    const before = s3.requests.length;
    await eventually(() => s3.requests.slice(before).some(isNextAttempt), { timeoutMs: 90_000 });
    s3.faultOf = () => undefined;
    const lost = await eventually(
      async () => (await metricOf(api.url, 'kubidu_logs_lost_lines_total{reason="not-archived"}')) || false,
      { timeoutMs: 60_000, everyMs: 200 },
    );
    expect(lost).toBeGreaterThan(20);
    await eventually(async () => expect(await metricOf(api.url, 'kubidu_logs_archive_lag_seconds')).toBe(0));
    const { entries, gaps } = await storedEntries(api.url, 'runtime:web');
    expect(gaps).toEqual([{ from: 3, to: lost + 2, reason: 'trimmed' }]);
    expect(entries.map(({ index, message }) => `${index} ${message.split(' ')[0]}`)).toEqual(
      Array.from({ length: lines }, (_, at) => at + 1)
        .filter((index) => index < 3 || index > lost + 2)
        .map((index) => `${index} ${index}`),
    );
  }, 180_000);
});
