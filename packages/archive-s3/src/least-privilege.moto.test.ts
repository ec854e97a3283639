import { readFile } from 'node:fs/promises';

import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from '@jest/globals';
import { Batch, encodeEntry } from '@kubidu/core';
import { RealMoto } from '@kubidu/testing';

import { openS3Archive } from './open-s3-archive.ts';
import { S3Objects } from './s3-objects.ts';

const PAGE = new URL('../../../docs/how-to/archive-to-s3.md', import.meta.url);
const BUCKET = 'my-logs';
const STREAM = 'runtime:web';

/** The policy as the documentation has it, without some of its statements. */
async function documentedPolicy(without: readonly string[] = []): Promise<string> {
  const [, json = ''] = /```json\n([^]*?)```/.exec(await readFile(PAGE, 'utf8')) ?? [];
  const policy = JSON.parse(json) as { Statement: { Action: string[] }[] };
  return JSON.stringify({
    ...policy,
    Statement: policy.Statement.filter(({ Action }) => !without.some((one) => Action.includes(one))),
  });
}

/** One of IAM's own requests. */
async function iam(endpoint: string, Action: string, fields: Record<string, string>): Promise<string> {
  const response = await fetch(endpoint, {
    method: 'POST',
    body: new URLSearchParams({ Action, Version: '2010-05-08', ...fields }),
    headers: {
      authorization:
        'AWS4-HMAC-SHA256 Credential=test/20261120/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=0',
    },
  });
  if (!response.ok) throw new Error(`${Action}: ${response.status} ${await response.text()}`);
  return response.text();
}

/** A bucket, and a user in the environment who may do what the policy says. */
async function under(policy: string) {
  const moto = await RealMoto.start({ freeRequests: 4 });
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' });
  const root = new S3Client({ endpoint: moto.endpoint, region: 'us-east-1', forcePathStyle: true });
  await root.send(new CreateBucketCommand({ Bucket: BUCKET }));
  root.destroy();
  await iam(moto.endpoint, 'CreateUser', { UserName: 'logs' });
  await iam(moto.endpoint, 'PutUserPolicy', { UserName: 'logs', PolicyName: 'logs', PolicyDocument: policy });
  const key = await iam(moto.endpoint, 'CreateAccessKey', { UserName: 'logs' });
  const [, id] = /<AccessKeyId>([^<]+)/.exec(key) ?? [];
  const [, secret] = /<SecretAccessKey>([^<]+)/.exec(key) ?? [];
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret });
  const opened = openS3Archive({ bucket: BUCKET, endpoint: moto.endpoint });
  const client = new S3Client({ endpoint: moto.endpoint, region: 'us-east-1', forcePathStyle: true });
  return {
    opened,
    client,
    [Symbol.asyncDispose]: async () => {
      client.destroy();
      await opened[Symbol.asyncDispose]();
      await moto[Symbol.asyncDispose]();
    },
  };
}

const numbered = (index: number) =>
  new Batch(index, [encodeEntry({ timestamp: '2026-11-20T00:00:00Z', message: 'x' })]);

describe('The policy that the documentation asks for', () => {
  // moto does not take the signature of a list, nor looks at the names of what is to be removed.
  it('is enough to put and get objects, to learn that there is none, and to set the rule of expiry', async () => {
    await using place = await under(await documentedPolicy());
    await using objects = new S3Objects(place.client, BUCKET);
    await objects.put('logs/runtime/web/2026-11-20/x', Buffer.from('x'));
    expect(Buffer.from((await objects.get('logs/runtime/web/2026-11-20/x')) ?? '').toString()).toBe('x');
    expect(await objects.get('logs/runtime/web/2026-11-20/y')).toBeUndefined();
    expect(await place.opened.expireByRule(7 * 86_400_000)).toBe(true);
  });

  it('allows nothing outside of logs/, and works without its last statement', async () => {
    await using place = await under(await documentedPolicy(['s3:PutLifecycleConfiguration']));
    const put = new PutObjectCommand({ Bucket: BUCKET, Key: 'other/x', Body: 'x' });
    await expect(place.client.send(put)).rejects.toMatchObject({ name: 'AccessDenied' });
    await place.opened.archive.write(STREAM, [numbered(1)]);
    expect(await place.opened.expireByRule(7 * 86_400_000)).toBe(false);
  });
});
