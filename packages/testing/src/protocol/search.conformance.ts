import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { get } from 'node:http';
import type { ClientRequest, IncomingMessage } from 'node:http';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { eventually } from '../eventually.ts';
import { seededRandom } from '../seeded-random.ts';
import type { ProtocolServer } from './protocol.conformance.ts';
import { RawHttp } from './raw-http.ts';

interface Entry {
  readonly index: number;
  readonly timestamp: string;
  readonly message: string;
}

interface Page {
  readonly entries: Entry[];
  readonly next?: number;
  readonly previous?: number;
}

/** A line of a search's answer, of whichever type. */
interface Line {
  readonly type: string;
  readonly entry: Entry;
  readonly scannedTo: number;
  readonly scannedBytes: number;
  readonly matches: number;
  readonly reason: string;
  readonly gaps?: readonly object[];
}

/** What a server may have to say before it answers. */
interface Refusal {
  readonly error: { readonly code: string; readonly details?: readonly { field: string; column?: number }[] };
}

type Asked = Readonly<Record<string, string | number>>;

/** What an ingest request says of an entry. */
type Given = Omit<Entry, 'index'>;

const uniqueStream = () => `runtime:s-${randomUUID()}`;
const range = (from: number, to: number) => Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);
/** So many seconds after midnight, to the nanosecond. */
const clock = (second: number, nanoseconds = 0) =>
  `${new Date(MIDNIGHT + second * 1_000).toISOString().slice(0, 19)}.${String(nanoseconds).padStart(9, '0')}Z`;
/** Not long ago: what is older than the retention goes. */
const MIDNIGHT = Math.floor(Date.now() / 86_400_000) * 86_400_000 - 86_400_000;
const indexes = (entries: readonly Entry[]) => entries.map(({ index }) => index);
const matches = (lines: readonly Line[]) => lines.flatMap(({ type, entry }) => (type === 'match' ? [entry] : []));

/** Every clause of section 7 of docs/reference/protocol.md against a running server, over bare HTTP. */
export function describeSearch(server: string, start: () => Promise<ProtocolServer>): void {
  describe(`times and searches of ${server}`, () => {
    let under: ProtocolServer;
    let http: RawHttp;
    let admin: string;

    beforeAll(async () => {
      under = await start();
      http = new RawHttp(under.url, under.ingestToken);
      admin = under.tokenFor({ admin: true });
    }, 60_000);
    afterAll(async () => {
      await under[Symbol.asyncDispose]();
    });

    const feed = async (entries: readonly Given[], stream = uniqueStream()) => {
      for (let from = 0; from < entries.length; from += 500)
        await http.post(`/api/streams/${stream}/entries`, {
          entries: entries.slice(from, from + 500).map((entry) => ({ id: randomUUID(), ...entry })),
        });
      return stream;
    };

    const urlOf = (stream: string, what: string, asked: Asked) => {
      const given = Object.entries(asked).map(([name, value]): [string, string] => [name, String(value)]);
      return `${under.url}/api/streams/${encodeURIComponent(stream)}/logs${what}?${new URLSearchParams(given).toString()}`;
    };
    const fetched = (stream: string, what: string, asked: Asked, token: string | undefined = admin) =>
      fetch(urlOf(stream, what, asked), token === '' ? {} : { headers: { authorization: `Bearer ${token}` } });
    const page = async (stream: string, asked: Asked) => (await (await fetched(stream, '', asked)).json()) as Page;
    const search = async (stream: string, asked: Asked) => {
      const response = await fetched(stream, '/search', asked);
      expect([response.status, response.headers.get('content-type')]).toEqual([
        200,
        expect.stringMatching(/^application\/x-ndjson\b/),
      ]);
      const text = await response.text();
      expect(text.endsWith('\n')).toBe(true);
      return text
        .slice(0, -1)
        .split('\n')
        .map((line) => JSON.parse(line) as Line);
    };

    describe('by time', () => {
      it.each([
        { asked: { since: clock(3) }, found: [3, 4, 5] },
        { asked: { until: clock(3) }, found: [1, 2] },
        { asked: { since: clock(2), until: clock(4) }, found: [2, 3] },
        { asked: { since: clock(3, 1) }, found: [4, 5] },
        { asked: { until: clock(3, 1) }, found: [1, 2, 3] },
        { asked: { since: clock(3).replace('.000000000Z', '+00:00') }, found: [3, 4, 5] },
        { asked: { since: '50h', until: '1m' }, found: [1, 2, 3, 4, 5] },
        { asked: { since: '1m' }, found: [] },
        { asked: { until: '100h' }, found: [] },
      ])('7.1 pages and searches hold what is at since or later, and before until (%#)', async ({ asked, found }) => {
        const stream = await feed(range(1, 5).map((n) => ({ timestamp: clock(n), message: `line ${n}` })));
        expect(indexes((await page(stream, asked)).entries)).toEqual(found);
        expect(indexes(matches(await search(stream, asked)))).toEqual(found.toReversed());
      });

      it('7.2 where clocks differ, all of that time is found, once, in the order of indexes', async () => {
        const seed = Math.floor(Math.random() * 2 ** 32);
        const random = seededRandom(seed);
        const written = range(1, 3_000).map((n) => Math.floor(n / 10 + random() * 60));
        const stream = await feed(written.map((second, at) => ({ timestamp: clock(second), message: `line ${at}` })));
        for (const from of [0, 30, 150, 299]) {
          const asked = { since: clock(from), until: clock(from + 20), limit: 97 };
          const expected = range(1, 3_000).filter((n) => {
            const second = written[n - 1] ?? 0;
            return second >= from && second < from + 20;
          });
          const forward: number[] = [];
          for (let after: number | undefined = 0; after !== undefined;) {
            const part: Page = await page(stream, { ...asked, after });
            forward.push(...indexes(part.entries));
            after = part.next;
          }
          const backward: number[] = [];
          for (let before: number | undefined = 1_000_000; before !== undefined;) {
            const part: Page = await page(stream, { ...asked, before });
            backward.unshift(...indexes(part.entries));
            before = part.previous;
          }
          const searched = indexes(matches(await search(stream, { ...asked, limit: 10_000 })));
          expect({ seed, from, forward }).toEqual({ seed, from, forward: expected });
          expect({ seed, from, backward }).toEqual({ seed, from, backward: expected });
          expect({ seed, from, searched }).toEqual({ seed, from, searched: expected.toReversed() });
        }
      });

      it.each(['yesterday', '5', '10 m', '2026-11-20', '-1h', '1e9h', ''])(
        '7.3 the time "%s" is INVALID_ARGUMENT',
        async (time) => {
          const stream = await feed([{ timestamp: clock(1), message: 'a line' }]);
          for (const what of ['', '/search'])
            for (const field of ['since', 'until']) {
              const response = await fetched(stream, what, { query: 'a', [field]: time });
              const { error } = (await response.json()) as Refusal;
              expect([response.status, error.code, error.details?.[0]?.field]).toEqual([
                400,
                'INVALID_ARGUMENT',
                field,
              ]);
            }
        },
      );
    });

    describe('a search', () => {
      const tens = (n: number) => n % 10 === 0;
      const numbered = (count: number) =>
        feed(range(1, count).map((n) => ({ timestamp: clock(n), message: tens(n) ? `found ${n}` : `line ${n}` })));

      it('7.4 gives what matches, newest first, each as a page gives it', async () => {
        const stream = await numbered(2_500);
        const lines = await search(stream, { query: 'found' });
        const { entries } = await page(stream, { query: 'found', after: 0, limit: 10_000 });
        expect(entries).toHaveLength(250);
        expect(matches(lines)).toEqual(entries.toReversed());
      });

      it('7.5 says in its last line why it is over', async () => {
        const stream = await numbered(100);
        const last = async (asked: Asked) => (await search(stream, asked)).at(-1);
        expect(await last({ query: 'found' })).toEqual({ type: 'done', reason: 'beginning' });
        expect(await last({ query: 'absent' })).toEqual({ type: 'done', reason: 'beginning' });
        expect(await last({ query: 'found', limit: 3 })).toEqual({ type: 'done', reason: 'limit' });
        expect(await last({ query: 'found', before: 0 })).toEqual({ type: 'done', reason: 'beginning' });
      });

      it('7.6 says how far it is: never less far than before, and exactly at the end', async () => {
        const stream = await numbered(2_500);
        for (const { asked, scannedTo, found } of [
          { asked: { query: 'found' }, scannedTo: 1, found: 250 },
          { asked: { query: 'found', limit: 7 }, scannedTo: 2_440, found: 7 },
          { asked: { query: 'found', before: 2_001, limit: 1 }, scannedTo: 2_000, found: 1 },
        ]) {
          const lines = await search(stream, asked);
          const told = lines.filter(({ type }) => type === 'progress');
          expect(told.at(-1)).toBe(lines.at(-2));
          expect(told.at(-1)).toMatchObject({ scannedTo, matches: found, scannedBytes: expect.any(Number) });
          const [tos, counts] = [told.map((one) => one.scannedTo), told.map((one) => one.matches)];
          expect(tos).toEqual(tos.toSorted((a, b) => b - a));
          expect(counts).toEqual(counts.toSorted((a, b) => a - b));
        }
      });

      it('7.7 goes on before scannedTo, so that every match is met once', async () => {
        const stream = await numbered(2_500);
        const met: number[] = [];
        for (let before = 1_000_000; before > 1;) {
          const lines = await search(stream, { query: 'found', before, limit: 33 });
          met.push(...indexes(matches(lines)));
          before = lines.at(-2)?.scannedTo ?? 0;
        }
        expect(met).toEqual(range(1, 2_500).filter(tens).reverse());
      });

      it('7.8 names at its end what can no longer be had', async () => {
        const large = { timestamp: clock(1), message: `found ${'.'.repeat(100_000)}` };
        const count = Math.ceil((under.hotBytes * 1.1) / 100_000);
        const stream = uniqueStream();
        for (let sent = 0; sent < count; sent += 5) await feed(Array<Given>(5).fill(large), stream);
        const lines = await search(stream, { query: 'found', limit: 10_000 });
        const first = matches(lines).at(-1)?.index ?? 0;
        expect(first).toBeGreaterThan(1);
        expect(lines.at(-1)).toEqual({
          ...{ type: 'done', reason: 'beginning' },
          gaps: [{ from: 1, to: first - 1, reason: 'trimmed' }],
        });
      }, 60_000);

      it.each([
        { asked: {}, field: 'query' },
        { asked: { query: '' }, field: 'query' },
        { asked: { query: 'a (b' }, field: 'query', column: 3 },
        { asked: { query: '/(a/' }, field: 'query', column: 1 },
        { asked: { query: 'a', limit: 0 }, field: 'limit' },
        { asked: { query: 'a', limit: 10_001 }, field: 'limit' },
        { asked: { query: 'a', before: -1 }, field: 'before' },
      ])('7.9 $asked is INVALID_ARGUMENT, and nothing is searched', async ({ asked, field, column }) => {
        const stream = await numbered(1);
        const response = await fetched(stream, '/search', asked);
        const { error } = (await response.json()) as Refusal;
        expect([response.status, error.code]).toEqual([400, 'INVALID_ARGUMENT']);
        expect(error.details?.[0]).toMatchObject({ field, ...(column !== undefined && { column }) });
      });

      it('7.10 is 401 without a token, and 404 of a stream that one may not read or that is not there', async () => {
        const stream = await feed([{ timestamp: clock(1), message: 'secret' }]);
        const other = uniqueStream();
        const stranger = under.tokenFor({ streams: [other] });
        const answers = [
          await fetched(stream, '/search', { query: 'secret' }, ''),
          await fetched(stream, '/search', { query: 'secret' }, stranger),
          await fetched(stream, '/search', { query: 'secret' }, under.tokenFor({ tenants: ['b'] })),
          await fetched(other, '/search', { query: 'secret' }, stranger),
        ];
        expect(answers.map(({ status }) => status)).toEqual([401, 404, 404, 404]);
        const [, theirs, ofTenant, none] = await Promise.all(answers.map((answer) => answer.text()));
        expect([theirs, ofTenant].map((text) => text?.replaceAll(stream, ''))).toEqual(
          Array(2).fill(none?.replaceAll(other, '')),
        );
      });

      it('7.11 is one of four that a principal may run at a time, and gives its place back when its client leaves', async () => {
        const text = `found ${'.'.repeat(2_000)}`;
        const stream = uniqueStream();
        await http.feed(stream, Array<string>(12_000).fill(text));
        const token = under.tokenFor({ admin: true, sub: randomUUID() });
        const asked = { query: 'found', limit: 10_000 };
        const held: ClientRequest[] = [];
        for (const _ of range(1, 4)) {
          // Nothing of the answer is read: a search goes on no faster than its client does.
          const request = get(urlOf(stream, '/search', asked), {
            agent: false,
            headers: { authorization: `Bearer ${token}` },
          });
          const [response] = (await once(request, 'response')) as [IncomingMessage];
          expect(response.statusCode).toBe(200);
          held.push(request);
        }
        const refused = await fetched(stream, '/search', { query: 'found', limit: 1 }, token);
        expect([refused.status, ((await refused.json()) as Refusal).error.code]).toEqual([429, 'RATE_LIMITED']);
        expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
        expect((await fetched(stream, '/search', { query: 'found', limit: 1 })).status).toBe(200);
        held[0]?.destroy();
        await eventually(async () => {
          const again = await fetched(stream, '/search', { query: 'found', limit: 1 }, token);
          expect([again.status, (await again.text()).split('\n').length]).toEqual([200, 4]);
        });
        for (const request of held) request.destroy();
      }, 60_000);
    });
  });
}
