import { RealRedis } from '@kubidu/testing';

import type { Findings } from './benchmark.ts';
import { startApi, startPart } from './processes.ts';

const STREAMS = 10_000;
const IDLE_S = 20;

export const title = '10,000 idle streams with one viewer each';

export async function run(): Promise<Findings> {
  await using redis = await RealRedis.start();
  await using api = await startApi({ KUBIDU_REDIS_URL: redis.url });
  const before = api.cost();
  const streams = Array.from({ length: STREAMS }, (_, at) => `runtime:idle-${at}`);
  await using readers = startPart('readers', { url: api.url, streams, sockets: STREAMS, batch: true, until: 1 });
  const began = performance.now();
  await readers.next('ready');
  const openedS = (performance.now() - began) / 1_000;
  const opened = api.cost();
  await new Promise((resolve) => setTimeout(resolve, IDLE_S * 1_000));
  const idle = api.cost();
  return {
    rows: [
      {
        streams: STREAMS,
        'opened in s': openedS.toFixed(1),
        'KiB a stream with its socket': (((idle.rssMiB - before.rssMiB) * 1024) / STREAMS).toFixed(1),
        'CPU, all of them idle': `${(((idle.cpuS - opened.cpuS) / IDLE_S) * 100).toFixed(1)} %`,
        'RSS MiB': Math.round(idle.rssMiB),
      },
    ],
  };
}
