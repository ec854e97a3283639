import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { eventually } from '../eventually.ts';
import { numberedLine, writerNumber } from '../numbered-lines.ts';
import { judge } from '../oracle.ts';
import type { Received } from '../oracle.ts';
import type { ProtocolServer } from './protocol.conformance.ts';
import { RawEvents } from './raw-events.ts';
import { RawHttp } from './raw-http.ts';

const uniqueStream = (kind = 'runtime') => `${kind}:e-${randomUUID()}`;
const lines = (count: number, from = 1) => Array.from({ length: count }, (_, i) => `line ${from + i}`);
const range = (from: number, to: number) => Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);

/** Every clause of section 6 of docs/reference/protocol.md against a running server, over bare HTTP. */
export function describeEvents(server: string, start: () => Promise<ProtocolServer>): void {
  describe(`Server-Sent Events of ${server}`, () => {
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

    const open = (stream: string, query = '', lastEventId?: string, token = admin) =>
      RawEvents.open(`${under.url}/api/streams/${encodeURIComponent(stream)}/logs/stream${query}`, {
        token,
        lastEventId,
      });

    it('6.1 nobody between server and reader keeps or changes it', async () => {
      await using events = await open(uniqueStream());
      expect([events.status, events.headers['content-type']]).toEqual([
        200,
        expect.stringMatching(/^text\/event-stream\b/),
      ]);
      expect(events.headers['cache-control']).toMatch(/no-cache.*no-transform/);
      expect([events.headers['x-accel-buffering'], events.headers['content-encoding']]).toEqual(['no', undefined]);
      await eventually(() => expect(events.retry).toBeGreaterThan(0));
    });

    it.each([
      { query: '', lastEventId: undefined, from: 2_401 },
      { query: '?lines=0', lastEventId: undefined, from: 2_501 },
      { query: '?lines=1700', lastEventId: undefined, from: 801 },
      { query: '?sinceIndex=0&lines=5', lastEventId: undefined, from: 1 },
      { query: '?sinceIndex=7', lastEventId: '1234', from: 1_235 },
    ])('6.2 it begins behind Last-Event-ID, sinceIndex or with lines: $query $lastEventId', async (row) => {
      const stream = uniqueStream();
      await http.feed(stream, lines(2_500));
      await using events = await open(stream, row.query, row.lastEventId);
      await http.feed(stream, ['line 2501']);
      await eventually(() => expect(events.indexes).toEqual(range(row.from, 2_501)));
      const told = events.events.map(({ event, id, data }) => `${event} ${id} ${String(data['message'])}`);
      expect(told).toEqual(range(row.from, 2_501).map((index) => `log ${index} line ${index}`));
    });

    it('6.3 readers who are cut again and again while others write get every line once, in order', async () => {
      const stream = uniqueStream('job');
      const writers = range(1, 4).map((n) => `w${n}`);
      const writing = Promise.all(
        writers.map(async (writer) => {
          for (let from = 1; from <= 1_500; from += 300)
            await http.feed(
              stream,
              range(from, from + 299).map((n) => numberedLine(n, writerNumber(writer), 1_795_000_000 + n, 0)),
            );
        }),
      ).then(() => http.end(stream, { status: 'succeeded' }));
      const read = async (reader: number) => {
        const received: Received[] = [];
        let [id, query] = ['', '?sinceIndex=0'];
        for (let ended = false; !ended;) {
          await using events = await open(stream, query, id === '' ? undefined : id);
          const enough = 200 + reader * 70;
          await eventually(() => (ended = events.all('end').length > 0) || events.indexes.length >= enough, {
            everyMs: 5,
          });
          received.push(...(events.all('log') as unknown as Received[]));
          if (events.id !== '') [id, query] = [events.id, ''];
        }
        return judge(
          received,
          writers.map((writer) => ({ writer, lines: 1_500 })),
          { after: 0, through: 6_000 },
        );
      };
      const verdicts = await Promise.all(range(1, 5).map(read));
      await writing;
      for (const { complete, report } of verdicts) expect(complete ? '' : report).toBe('');
    }, 60_000);

    it('6.4 what can no longer be had is a gap before the entry behind it, and is not told again', async () => {
      const stream = uniqueStream();
      const last = await http.feed(
        stream,
        Array.from({ length: Math.ceil((under.hotBytes * 1.1) / 100_000) }, () => '.'.repeat(100_000)),
      );
      await using events = await open(stream, '?sinceIndex=0');
      await eventually(() => expect(events.indexes.at(-1)).toBe(last), { timeoutMs: 30_000 });
      const [gap] = events.events;
      const to = Number(gap?.data['to']);
      expect(gap).toEqual({ event: 'gap', id: String(to), data: { from: 1, to, reason: 'trimmed' } });
      expect(events.indexes).toEqual(range(to + 1, last));
      await using again = await open(stream, '', String(to));
      await eventually(() => expect(again.indexes[0]).toBe(to + 1));
      expect(again.all('gap')).toEqual([]);
    }, 60_000);

    it('6.5 the end comes once, after the last entry; then the response ends', async () => {
      const stream = uniqueStream('job');
      await using events = await open(stream);
      await http.feed(stream, lines(1_200));
      await http.end(stream, { status: 'failed', exitCode: 3 });
      await eventually(() => expect(events.ended).toBe('whole'));
      expect(events.indexes).toEqual(range(1, 1_200));
      expect(events.events.filter(({ event }) => event !== 'log')).toEqual([
        { event: 'end', id: '1201', data: { lastIndex: 1_200, status: 'failed', exitCode: 3 } },
      ]);
    });

    it('6.6 whoever was told of the end and comes again gets 204; who was not is told', async () => {
      const stream = uniqueStream('job');
      await http.feed(stream, lines(5));
      await http.end(stream, { status: 'succeeded' });
      await using cut = await open(stream, '', '5');
      await eventually(() => expect(cut.ended).toBe('whole'));
      expect([cut.status, cut.events.map(({ event }) => event), cut.id]).toEqual([200, ['end'], '6']);
      await using told = await open(stream, '', cut.id);
      expect(told.status).toBe(204);
    });

    it('6.7 with a query only what matches comes, and the id moves over what does not', async () => {
      const stream = uniqueStream();
      await http.feed(stream, lines(2_500));
      await using events = await open(stream, `?sinceIndex=0&query=${encodeURIComponent('/ [0-9]*50$/')}`);
      await eventually(() => expect(events.indexes).toEqual(range(0, 24).map((n) => n * 100 + 50)));
      await eventually(() => expect(Number(events.id)).toBeGreaterThan(2_450));
    });

    it('6.8 a token that expires ends it, and it says why', async () => {
      await using events = await open(
        uniqueStream(),
        '',
        undefined,
        under.tokenFor({ admin: true, exp: Math.floor(Date.now() / 1_000) + 2 }),
      );
      await eventually(() => expect(events.ended).toBe('whole'));
      expect(events.all('error')).toEqual([expect.objectContaining({ code: 'UNAUTHENTICATED' })]);
    });

    it('6.9 without a token it is 401, of a stream that one may not read 404', async () => {
      const stream = uniqueStream();
      await http.feed(stream, ['secret']);
      await using stranger = await RawEvents.open(`${under.url}/api/streams/${stream}/logs/stream`);
      await using other = await open(stream, '', undefined, under.tokenFor({ streams: ['runtime:other'] }));
      expect([stranger.status, other.status]).toEqual([401, 404]);
      expect(JSON.stringify([stranger.lines, other.lines])).not.toContain('secret');
    });

    it('6.10 a reader who does not read delays no other and gets everything later', async () => {
      const stream = uniqueStream();
      await using slow = await open(stream);
      await using quick = await open(stream);
      slow.pause();
      const last = await http.feed(
        stream,
        range(1, 14_000).map((n) => `${n} ${'.'.repeat(1_000)}`),
      );
      await eventually(() => expect(quick.indexes.at(-1)).toBe(last), { timeoutMs: 20_000, everyMs: 100 });
      expect(slow.indexes.length).toBeLessThan(last);
      slow.resume();
      await eventually(() => expect(slow.indexes.at(-1)).toBe(last), { timeoutMs: 20_000, everyMs: 100 });
      expect([slow.indexes, quick.indexes]).toEqual([range(1, last), range(1, last)]);
    }, 60_000);
  });
}
