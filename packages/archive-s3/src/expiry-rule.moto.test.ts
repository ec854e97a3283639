import {
  CreateBucketCommand,
  GetBucketLifecycleConfigurationCommand,
  PutBucketLifecycleConfigurationCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { HttpFaultProxy, RealMoto } from '@kubidu/testing';

import { openS3Archive } from './open-s3-archive.ts';

const DAY_MS = 86_400_000;
const OURS = {
  ID: 'kubidu-logs-expiry',
  Status: 'Enabled',
  Filter: { Prefix: 'logs/runtime/' },
};

let moto: RealMoto;
let client: S3Client;
beforeAll(async () => {
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' });
  moto = await RealMoto.start();
  client = new S3Client({ endpoint: moto.endpoint, region: 'us-east-1', forcePathStyle: true });
});
afterAll(async () => {
  client.destroy();
  await moto[Symbol.asyncDispose]();
});

/** An archive in a bucket of its own, and the bucket's rules. */
async function opened(Bucket: string) {
  await client.send(new CreateBucketCommand({ Bucket }));
  const proxy = await HttpFaultProxy.open(moto.endpoint);
  const archive = openS3Archive({ bucket: Bucket, endpoint: proxy.url });
  return {
    archive,
    proxy,
    rules: async () => (await client.send(new GetBucketLifecycleConfigurationCommand({ Bucket }))).Rules,
    [Symbol.asyncDispose]: async () => {
      await archive[Symbol.asyncDispose]();
      await proxy[Symbol.asyncDispose]();
    },
  };
}

describe('The rule by which a bucket expires objects', () => {
  it.each([
    { retentionMs: 7 * DAY_MS, days: 7 },
    { retentionMs: 1.5 * DAY_MS, days: 2 },
    { retentionMs: 1_000, days: 1 },
  ])('of $retentionMs ms is one of $days days, for runtime streams only', async ({ retentionMs, days }) => {
    await using place = await opened(`days-${days}`);
    expect(await place.archive.expireByRule(retentionMs)).toBe(true);
    expect(await place.rules()).toMatchObject([{ ...OURS, Expiration: { Days: days } }]);
  });

  it('leaves the other rules of the bucket as they are, and is set anew only where it has changed', async () => {
    await using place = await opened('others');
    const other = { ID: 'other', Status: 'Enabled' as const, Filter: { Prefix: 'tmp/' }, Expiration: { Days: 3 } };
    const LifecycleConfiguration = { Rules: [other] };
    await client.send(new PutBucketLifecycleConfigurationCommand({ Bucket: 'others', LifecycleConfiguration }));
    expect(await place.archive.expireByRule(7 * DAY_MS)).toBe(true);
    expect(await place.archive.expireByRule(7 * DAY_MS)).toBe(true);
    expect(place.proxy.requests.map(({ method }) => method)).toEqual(['GET', 'PUT', 'GET']);
    expect(await place.archive.expireByRule(14 * DAY_MS)).toBe(true);
    expect(await place.rules()).toMatchObject([other, { ...OURS, Expiration: { Days: 14 } }]);
  });

  it('is not set where the store is away', async () => {
    await using place = await opened('away');
    place.proxy.faultOf = () => ({ status: 503 });
    expect(await place.archive.expireByRule(7 * DAY_MS)).toBe(false);
  });
});
