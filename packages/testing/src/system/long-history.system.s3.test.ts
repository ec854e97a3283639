import type { LogPage } from '@kubidu/contracts';
import { describe, expect, it } from '@jest/globals';

import { NumberedFeed } from '../numbered-feed.ts';
import { judge } from '../oracle.ts';
import { pace } from '../pace.ts';
import { RawHttp } from '../protocol/raw-http.ts';
import { seededRandom } from '../seeded-random.ts';
import { ArchivePlant } from './archive-plant.ts';
import { PageJudge } from './page-judge.ts';
import { RandomReader } from './random-reader.ts';
import { storedEntries } from './stored-entries.ts';

const LONG = process.env['KUBIDU_TEST_LONG'] !== undefined;
const STREAM = 'runtime:web';
const LINES = LONG ? 2_000_000 : 60_000;
const READS = LONG ? 10_000 : 300;
/** Bytes of about 10,000 lines, and of 750. */
const HOT_BYTES = LONG ? 900_000 : 65_536;
/** Longer than it takes to write what is worth a merge: 12 objects, one a second. */
const RETENTION_S = LONG ? 120 : 18;
const PER_SECOND = LONG ? 8_000 : 5_000;
/** Sockets that read at random, of each replica. */
const SOCKETS = 2;
const ROLES = 'gateway,archiver';

/** Walks through all pages, from one replica to the other and back, in one direction; resolves with their number. */
async function walk(urls: readonly string[], forward: boolean, judged: PageJudge): Promise<number> {
  const at = urls.map((url) => new RawHttp(url));
  let range = forward ? 'after=0' : 'before=999999999999';
  let due: number | undefined = forward ? 1 : undefined;
  for (let pages = 1; ; pages++) {
    const page = (await at[pages % at.length]?.get<LogPage>(
      `/api/streams/${STREAM}/logs?${range}&limit=4000`,
    )) as LogPage;
    const wrong = judged.wrong(page, due === undefined ? {} : forward ? { from: due } : { to: due });
    if (wrong !== undefined) throw new Error(`${range}: ${wrong}`);
    const edge = forward ? page.next : page.previous;
    if (edge === undefined) return pages;
    range = `${forward ? 'after' : 'before'}=${edge}`;
    due = forward ? edge + 1 : edge - 1;
  }
}

/** How many objects were put that begin where another one began before. */
function mergesIn({ replicas }: ArchivePlant): number {
  const puts = replicas.flatMap(({ s3 }) => s3.requests.filter(({ method }) => method === 'PUT'));
  const names = new Set(puts.flatMap(({ path }) => /\d{12}-\d{12}(?=\.jsonl\.gz)/.exec(path)?.[0] ?? []));
  return names.size - new Set([...names].map((name) => name.slice(0, 12))).size;
}

/** All lines, and then some until objects were merged and others expired: how fast a machine is is not known. */
async function writeAll(feed: NumberedFeed, plant: ArchivePlant, http: RawHttp): Promise<void> {
  await feed.send(LINES - feed.lastIndex);
  const begins = async () => (await http.get<{ firstIndex: number }>(`/api/streams/${STREAM}`)).firstIndex;
  while (mergesIn(plant) === 0 || (await begins()) === 1) await feed.send(PER_SECOND);
}

describe('a stream of which little is kept hot', () => {
  it(
    'is one sequence over two replicas, however it is read, while lines come, objects merge and old ones expire',
    async () => {
      const seed = Number(process.env['KUBIDU_TEST_SEED'] ?? Date.now() % 1_000_000);
      const random = seededRandom(seed);
      const env = { KUBIDU_HOT_BYTES: String(HOT_BYTES), KUBIDU_RETENTION: `${RETENTION_S}s` };
      await using plant = await ArchivePlant.start({ roles: [ROLES, ROLES], env });
      const urls = plant.replicas.map(({ api }) => api.url);
      const judged = new PageJudge('w', RETENTION_S * 1_000);
      const feed = new NumberedFeed({ urls, stream: STREAM, writer: 'w', perSecond: PER_SECOND, batch: 500 });
      await feed.send(2_000);
      let sending = true;
      const sent = writeAll(feed, plant, new RawHttp(urls[0] ?? '')).finally(() => (sending = false));
      sent.catch(() => undefined); // awaited below
      const marking = (async () => {
        for (; sending; await pace(50)) judged.mark(feed.lastIndex);
      })();
      const done = { forward: 0, backward: 0, reads: 0 };
      const walking = (async () => {
        while (sending) {
          done.forward += await walk(urls, true, judged);
          done.backward += await walk(urls, false, judged);
        }
      })();
      const readers = urls.flatMap((url) =>
        Array.from({ length: SOCKETS }, () => new RandomReader(url, STREAM, random)),
      );
      const reading = Promise.all(
        readers.map(async (reader) => {
          while (sending || done.reads < READS) {
            const { what, range, page } = await reader.read(feed.lastIndex);
            const wrong = judged.wrong(page, range);
            if (wrong !== undefined) throw new Error(`seed ${seed}, ${what}: ${wrong}`);
            done.reads++;
          }
        }),
      );
      try {
        await Promise.all([sent, walking, reading]);
      } finally {
        sending = false;
        await Promise.allSettled([sent, walking, reading, marking]);
        for (const reader of readers) await reader[Symbol.asyncDispose]();
      }
      judged.mark(feed.lastIndex);
      expect(feed.lastIndex).toBeGreaterThanOrEqual(LINES);
      expect({ ...done, enough: done.forward > 1 && done.backward > 1 && done.reads >= READS }).toMatchObject({
        enough: true,
      });
      const lines = feed.lastIndex;
      for (const url of urls) {
        const { entries, gaps } = await storedEntries(url, STREAM);
        // Reading it all takes seconds, in which more may expire, behind what was read already; nothing else is missing.
        const { firstIndex } = await new RawHttp(url).get<{ firstIndex: number }>(`/api/streams/${STREAM}`);
        expect(gaps[0]).toMatchObject({ from: 1, to: (entries[0]?.index ?? 0) - 1 });
        expect(gaps.filter(({ to, reason }) => reason !== 'expired' || to >= firstIndex)).toEqual([]);
        const { honest, report } = judge(entries, [{ writer: 'w', lines }], { after: 0, through: lines, gaps });
        expect({ seed, honest, report }).toMatchObject({ seed, honest: true });
      }
    },
    LONG ? 1_800_000 : 120_000,
  );
});
