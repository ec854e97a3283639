import { randomBytes } from 'node:crypto';

import { accessToken } from '../access-token.ts';
import { RealRedis } from '../real-redis.ts';
import { RunningApi } from '../running-api.ts';
import { describeEvents } from './events.conformance.ts';
import { describeProtocol } from './protocol.conformance.ts';
import type { ProtocolServer } from './protocol.conformance.ts';
import { describeSearch } from './search.conformance.ts';

const HOT_BYTES = 65_536;
/** What is kept of a stream that nobody archives: docs/explanation/hot-and-cold.md. */
const MOST_BYTES = 2 * HOT_BYTES + 64 * 1024 * 1024;

async function start(store?: RealRedis): Promise<ProtocolServer> {
  const secret = randomBytes(32).toString('hex');
  const ingestToken = randomBytes(32).toString('hex');
  const api = await RunningApi.start({
    env: {
      KUBIDU_JWT_SECRET: secret,
      KUBIDU_INGEST_TOKEN: ingestToken,
      KUBIDU_HOT_BYTES: String(HOT_BYTES),
      KUBIDU_ROLES: 'gateway,collector',
      ...(store && { KUBIDU_REDIS_URL: store.url }),
    },
  });
  return {
    url: api.url,
    ingestToken,
    tokenFor: (claims) => accessToken(secret, claims),
    hotBytes: MOST_BYTES,
    [Symbol.asyncDispose]: async () => {
      await api[Symbol.asyncDispose]();
      await store?.[Symbol.asyncDispose]();
    },
  };
}

describeProtocol('the API on its embedded store', () => start());
describeProtocol('the API on Redis', async () => start(await RealRedis.start()));
describeEvents('the API on its embedded store', () => start());
describeEvents('the API on Redis', async () => start(await RealRedis.start()));
describeSearch('the API on its embedded store', () => start());
describeSearch('the API on Redis', async () => start(await RealRedis.start()));
