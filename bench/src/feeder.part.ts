// Appends lines at a steady rate straight to the store, as a collector on another replica does. Each line carries its
// number and the time it was handed over: `<n> <ms since 1970, with microseconds> xxx…`.
import type { StreamId } from '@kubidu/contracts';
import { Appender, systemClock } from '@kubidu/core';
import type { SourceLine } from '@kubidu/core';
import { openRedisStore } from '@kubidu/store-redis';

interface Request {
  readonly redisUrl: string;
  readonly stream: StreamId;
  /** Lines a second. */
  readonly rate: number;
  readonly seconds: number;
  readonly lineBytes?: number;
}

process.once('message', (request: Request) => {
  feed(request).then(
    (written) => process.send?.({ written }, () => process.disconnect()),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});

async function feed({ redisUrl, stream, rate, seconds, lineBytes = 120 }: Request): Promise<number> {
  await using redis = await openRedisStore({ url: redisUrl, maxBytesPerStream: 1024 ** 3 });
  const appender = new Appender({
    store: redis.store,
    stream,
    source: 'bench/feeder/0',
    labels: { podName: 'bench', container: 'feeder', restart: 0 },
    writer: `bench-${process.pid}`,
    clock: systemClock,
  });
  const total = rate * seconds;
  const filler = 'x'.repeat(Math.max(0, lineBytes - 30));
  const began = performance.now();
  let written = 0;
  while (written < total) {
    const due = Math.min(total, Math.floor(((performance.now() - began) / 1000) * rate));
    const lines: SourceLine[] = [];
    const now = performance.timeOrigin + performance.now();
    const timestamp = new Date(now).toISOString();
    while (written < due && lines.length < 500)
      lines.push({ timestamp, message: `${++written} ${now.toFixed(3)} ${filler}` });
    if (lines.length > 0) {
      appender.lines(lines, String(written), 'stdout');
      await appender.ready();
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await appender.flush();
  return written;
}
