import type { LogEntry } from '@kubidu/contracts';
import { describe, expect, it } from '@jest/globals';

import { NumberedFeed } from '../numbered-feed.ts';
import { RealRedis } from '../real-redis.ts';
import { RunningApi } from '../running-api.ts';
import { RunningCli } from '../running-cli.ts';

const LINES = 30_000;
/** Twenty requests at once, and then one a second. Nearly everything is archived. */
const LIMITED = { KUBIDU_RATE_LIMIT: '1', KUBIDU_HOT_BYTES: '65536' };

describe('kubidu logs, over what is in the store and what is in the archive', () => {
  it.each(['the embedded store', 'Redis'])(
    'pages through everything through a low limit, in %s',
    async (store) => {
      await using redis = store === 'Redis' ? await RealRedis.start() : undefined;
      await using api = await RunningApi.start({ env: { ...LIMITED, ...(redis && { KUBIDU_REDIS_URL: redis.url }) } });
      const feed = new NumberedFeed({
        urls: [api.url],
        stream: 'runtime:web',
        writer: 'w',
        perSecond: 10_000,
        batch: 500,
      });
      await feed.send(LINES);
      const logs = async (...args: string[]): Promise<{ code: number; entries: LogEntry[]; stderr: string }> => {
        const all = ['logs', 'web', '-o', 'json', '--server', api.url, ...args];
        await using cli = await RunningCli.start(all);
        const code = await cli.exit();
        const lines = cli.stdout.split('\n').slice(0, -1);
        return { code, entries: lines.map((line) => JSON.parse(line) as LogEntry), stderr: cli.stderr };
      };
      // Spent, so that the first page has to wait already.
      while ((await fetch(`${api.url}/api/me`)).status !== 429);
      const all = await logs('-n', 'all', '--check');
      expect([all.code, all.stderr.trim()]).toEqual([0, 'complete: 1–30,000']);
      expect(all.entries.map(({ index }) => index)).toEqual(Array.from({ length: LINES }, (_, at) => at + 1));
      const middle = all.entries[LINES / 2] as LogEntry;
      const ms = Date.parse(middle.timestamp);
      const since = await logs('--since', new Date(ms).toISOString(), '--until', new Date(ms + 200).toISOString());
      const timely = all.entries.filter(
        ({ timestamp }) => Date.parse(timestamp) >= ms && Date.parse(timestamp) <= ms + 200,
      );
      expect(since.entries).toEqual(timely);
    },
    90_000,
  );
});
