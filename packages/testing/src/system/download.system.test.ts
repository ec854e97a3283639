import { once } from 'node:events';
import { get } from 'node:http';
import type { IncomingMessage } from 'node:http';

import { describe, expect, it } from '@jest/globals';

import { pace } from '../pace.ts';
import { RawHttp } from '../protocol/raw-http.ts';
import { RunningApi } from '../running-api.ts';

const LONG = process.env['KUBIDU_TEST_LONG'] !== undefined;
const LINE_BYTES = 4_000;
/** Far more than the server may grow by. */
const LINES = LONG ? 1_280_000 : 30_000;
/** How long the reader takes nothing, and after how many bytes. */
const STALL = { ms: 1_000, every: Math.floor((LINES * LINE_BYTES) / 4) };
/** Bytes from one look at its memory to the next. */
const SAMPLE = 2 * 1024 * 1024;
const MOST_GROWTH = 96 * 1024 * 1024;

describe('the download of a stream that is far larger than the server may grow', () => {
  it(
    'is whole, in order, and costs the server no memory for a reader who stops now and then',
    async () => {
      await using api = await RunningApi.start({
        env: { KUBIDU_HOT_BYTES: '67108864', KUBIDU_ROLES: 'gateway,archiver' },
      });
      const http = new RawHttp(api.url);
      const text = '.'.repeat(LINE_BYTES);
      for (let first = 1; first <= LINES; first += 1_000)
        await http.feed(
          'job:large',
          Array.from({ length: 1_000 }, (_, at) => `${first + at} ${text}`),
        );
      let before = 0;
      let most = 0;
      const request = get(`${api.url}/api/streams/job:large/logs/download`, { agent: false });
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      let [expected, bytes, rest] = [1, 0, ''];
      for await (const piece of response.setEncoding('latin1') as AsyncIterable<string>) {
        const lines = (rest + piece).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) if (line.startsWith(`${expected} `, line.indexOf(' ') + 1)) expected++;
        if (Math.floor(bytes / STALL.every) < Math.floor((bytes + piece.length) / STALL.every)) await pace(STALL.ms);
        bytes += piece.length;
        if (bytes % SAMPLE >= piece.length) continue;
        const { anonymous } = await api.memory();
        // What it takes to read at all shows in the first third; the rest is to add nothing.
        if (expected < LINES / 3) before = Math.max(before, anonymous);
        else most = Math.max(most, anonymous);
      }
      expect([response.complete, expected, rest]).toEqual([true, LINES + 1, '']);
      expect(bytes).toBeGreaterThan(LINES * LINE_BYTES);
      expect(most - before).toBeLessThan(MOST_GROWTH);
    },
    LONG ? 1_800_000 : 120_000,
  );
});
