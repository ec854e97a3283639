import type { LogEntry } from '@kubidu/contracts';
import { HttpApi } from '@kubidu/client';
import { describe, expect, it } from '@jest/globals';

import { eventually } from '../eventually.ts';
import { FaultProxy } from '../fault-proxy.ts';
import { NumberedFeed } from '../numbered-feed.ts';
import { judge } from '../oracle.ts';
import { RawHttp } from '../protocol/raw-http.ts';
import { RunningApi } from '../running-api.ts';

const LINES = 9_000;

describe('HttpApi.eventStream', () => {
  it('gives every line once, in order, through cut connections and a server that is killed, to the end', async () => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    await using api = await RunningApi.start({ env: { KUBIDU_HOT_BYTES: '65536' } });
    const randomResets = { seed, times: 8, maxBytes: 300_000 };
    await using proxy = await FaultProxy.open({ port: api.port, plan: { randomResets } });
    const received: LogEntry[] = [];
    let outages = 0;
    const reading = (async () => {
      const http = new HttpApi({ url: `http://127.0.0.1:${proxy.port}` });
      for await (const item of http.eventStream('job:a', { sinceIndex: 0 })) {
        if (item.type === 'entries') received.push(...item.entries);
        else if (item.type === 'reconnecting') outages++;
        else return item;
      }
      return undefined;
    })();
    reading.catch(() => undefined); // awaited below
    const feed = new NumberedFeed({ urls: [api.url], stream: 'job:a', writer: 'w' });
    await feed.send(LINES / 3);
    await eventually(() => received.length > LINES / 6);
    await api.kill9();
    await api.restart();
    await feed.send((LINES * 2) / 3);
    await new RawHttp(api.url).end('job:a', { status: 'succeeded' });
    expect(await reading).toEqual({ type: 'end', lastIndex: LINES, status: 'succeeded' });
    const { complete, report } = judge(received, [{ writer: 'w', lines: LINES }], { after: 0, through: LINES });
    expect({ seed, report: complete ? '' : report }).toEqual({ seed, report: '' });
    expect(outages).toBeGreaterThan(0);
  }, 60_000);
});
