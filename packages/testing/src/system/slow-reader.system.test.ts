import { describe, expect, it } from '@jest/globals';

import { eventually } from '../eventually.ts';
import { pace } from '../pace.ts';
import { RawHttp } from '../protocol/raw-http.ts';
import { RawSocket } from '../protocol/raw-socket.ts';
import type { RawEvent } from '../protocol/raw-socket.ts';
import { RealRedis } from '../real-redis.ts';
import { RunningApi } from '../running-api.ts';

const LONG = process.env['KUBIDU_TEST_LONG'] !== undefined;
/**
 * It lasts until what the slow one did not read is more than the server may grow by; the kernel holds some of it. Where
 * the others read for longer than the archiver rests, what that takes is no growth.
 */
const LOAD = LONG
  ? { others: 99, perSecond: 10_000, bytes: 200, warmUpBytes: 100e6, stallMs: 60_000 }
  : { others: 10, perSecond: 2_500, bytes: 4_000, warmUpBytes: 60e6, stallMs: 8_000 };
const MOST_GROWTH = 64 * 1024 * 1024;
const STREAM = 'runtime:web';

/** Reads batches and keeps nothing of them. */
class CountingReader {
  last = 0;
  defects = 0;

  readonly take = ({ name, args }: RawEvent): void => {
    if (name !== 'logs' && name !== 'logs:history') return;
    for (const { index } of args[0] as { index: number }[]) {
      if (index !== this.last + 1) this.defects++;
      this.last = index;
    }
  };
}

/** Feeds at a steady rate until told to stop; resolves with the last index. */
async function feedSteadily(http: RawHttp, signal: AbortSignal): Promise<number> {
  const batch = LOAD.perSecond / 20;
  const messages = Array.from({ length: batch }, () => '.'.repeat(LOAD.bytes));
  const started = performance.now();
  let last = 0;
  for (let sent = 0; !signal.aborted;) {
    last = await http.feed(STREAM, messages);
    sent += batch;
    const ahead = (sent / LOAD.perSecond) * 1_000 - (performance.now() - started);
    if (ahead > 0) await pace(ahead);
  }
  return last;
}

describe.each(['Redis', 'the embedded store'])('on %s', (store) => {
  it('a reader who stops reading costs the server no memory, the others nothing, and gets everything later', async () => {
    await using redis = await RealRedis.start();
    await using api = await RunningApi.start(store === 'Redis' ? { env: { KUBIDU_REDIS_URL: redis.url } } : {});
    const sockets: RawSocket[] = [];
    const counters: CountingReader[] = [];
    const stop = new AbortController();
    try {
      for (let n = 0; n <= LOAD.others; n++) {
        const counter = new CountingReader();
        const socket = await RawSocket.open(api.url, { onEvent: counter.take });
        await socket.request('subscribe', { stream: STREAM, batch: true });
        sockets.push(socket);
        counters.push(counter);
      }
      const feeding = feedSteadily(new RawHttp(api.url), stop.signal);
      const [slow, quick, ...others] = counters;
      const highest = async (ms: number, enough: () => boolean) => {
        let most = 0;
        for (const until = Date.now() + ms; Date.now() < until || !enough();) {
          const { resident, anonymous } = await api.memory();
          // The embedded store maps its file: pages of it that were read count as resident.
          most = Math.max(most, store === 'Redis' ? resident : anonymous);
          await pace(100);
        }
        return most;
      };
      const before = await highest(0, () => (quick?.last ?? 0) * LOAD.bytes > LOAD.warmUpBytes);
      const unread = () => ((quick?.last ?? 0) - (slow?.last ?? 0)) * LOAD.bytes;
      sockets[0]?.pause();
      const growth = (await highest(LOAD.stallMs, () => unread() > MOST_GROWTH)) - before;
      stop.abort();
      const last = await feeding;
      await eventually(() => [quick, ...others].every((reader) => reader?.last === last), { timeoutMs: 10_000 });
      expect(unread()).toBeGreaterThan(MOST_GROWTH);
      sockets[0]?.resume();
      await eventually(() => slow?.last === last, { timeoutMs: 30_000 });
      expect(counters.reduce((sum, { defects }) => sum + defects, 0)).toBe(0);
      expect(growth).toBeLessThan(MOST_GROWTH);
    } finally {
      stop.abort();
      for (const socket of sockets) await socket[Symbol.asyncDispose]();
    }
  }, 300_000);
});
