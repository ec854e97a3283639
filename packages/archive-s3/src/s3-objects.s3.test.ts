import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { S3Client } from '@aws-sdk/client-s3';
import { Batch, encodeEntry, ObjectLogArchive } from '@kubidu/core';
import { HttpFaultProxy, RealS3 } from '@kubidu/testing';
import type { HttpFault } from '@kubidu/testing';
import { describeLogArchive } from '@kubidu/testing/log-archive.conformance';

import { openS3Archive } from './open-s3-archive.ts';
import { S3Objects } from './s3-objects.ts';

const STREAM = 'runtime:web';
let s3: RealS3;

beforeAll(async () => {
  s3 = await RealS3.start();
  // Where credentials are looked for when nobody hands them over.
  Object.assign(process.env, s3.env);
});
afterAll(() => s3[Symbol.asyncDispose]());

function clientOf(endpoint: string): S3Client {
  const { env, region } = s3;
  const credentials = { accessKeyId: env.AWS_ACCESS_KEY_ID, secretAccessKey: env.AWS_SECRET_ACCESS_KEY };
  return new S3Client({ endpoint, region, forcePathStyle: true, credentials, maxAttempts: 3 });
}

/** The bucket, emptied when it is given back. */
function openBucket(endpoint = s3.endpoint) {
  const objects = new S3Objects(clientOf(endpoint), s3.bucket);
  return {
    objects,
    [Symbol.asyncDispose]: async () => {
      await using bucket = new S3Objects(clientOf(s3.endpoint), s3.bucket);
      await bucket.remove((await bucket.list('')).map(({ name }) => name));
      await objects[Symbol.asyncDispose]();
    },
  };
}

const numbered = (from: number, to: number) =>
  new Batch(
    from,
    Array.from({ length: to - from + 1 }, (_, at) =>
      encodeEntry({ timestamp: '2026-11-20T00:00:00Z', message: String(from + at) }),
    ),
  );

describeLogArchive('S3Objects', () => Promise.resolve(openBucket()));

describe('S3Objects', () => {
  it('gives a name once: what is there first stays', async () => {
    await using bucket = openBucket();
    await bucket.objects.put('a/b', Buffer.from('one'));
    await bucket.objects.put('a/b', Buffer.from('two'));
    expect(Buffer.from((await bucket.objects.get('a/b')) ?? '').toString()).toBe('one');
  });

  it('lists more objects than fit an answer', async () => {
    await using bucket = openBucket();
    const names = Array.from({ length: 1_050 }, (_, at) => `many/${String(at).padStart(5, '0')}`);
    for (let at = 0; at < names.length; at += 50)
      await Promise.all(names.slice(at, at + 50).map((name) => bucket.objects.put(name, Buffer.from('x'))));
    expect((await bucket.objects.list('many/')).map(({ name }) => name)).toEqual(names);
    await bucket.objects.remove(names);
    expect(await bucket.objects.list('many/')).toEqual([]);
  });

  it.each<{ what: string; fault: HttpFault }>([
    { what: '500', fault: { status: 500 } },
    { what: '503', fault: { status: 503 } },
    { what: 'a connection cut before the request', fault: { cut: 'before' } },
    { what: 'a connection cut after it was done', fault: { cut: 'after' } },
    { what: 'a slow answer', fault: { delayMs: 50 } },
  ])('writes and reads each entry once through $what, now and then', async ({ fault }) => {
    await using proxy = await HttpFaultProxy.open(s3.endpoint);
    await using bucket = openBucket(proxy.url);
    const archive = new ObjectLogArchive(bucket.objects);
    let count = 0;
    proxy.faultOf = () => (count++ % 3 === 0 ? fault : undefined);
    for (let from = 1; from <= 25; from += 5) await archive.write(STREAM, [numbered(from, from + 4)]);
    const batches = await archive.read(STREAM, { after: 0, limit: 100 });
    expect(batches.flatMap((batch) => batch.entries().map(({ message }) => message))).toEqual(
      Array.from({ length: 25 }, (_, at) => String(at + 1)),
    );
  });

  it('is UNAVAILABLE while every request fails, and names no cause that is not ours', async () => {
    await using proxy = await HttpFaultProxy.open(s3.endpoint);
    await using bucket = openBucket(proxy.url);
    proxy.faultOf = () => ({ status: 503 });
    const { objects } = bucket;
    for (const work of [
      () => objects.put('a/b', Buffer.from('x')),
      () => objects.get('a/b'),
      () => objects.list('a/'),
      () => objects.folders('a/'),
      () => objects.remove(['a/b']),
    ])
      await expect(work()).rejects.toMatchObject({ name: 'LogsError', code: 'UNAVAILABLE' });
  });

  it('is UNAVAILABLE without its bucket, rather than to have nothing', async () => {
    await using objects = new S3Objects(clientOf(s3.endpoint), 'nobody-made-it');
    await expect(objects.get('a/b')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(objects.list('a/')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('says that a store without rules sets none', async () => {
    await using opened = openS3Archive({ bucket: s3.bucket, endpoint: s3.endpoint });
    expect(await opened.expireByRule(7 * 86_400_000)).toBe(false);
  });
});
