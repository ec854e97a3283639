import { gunzipSync } from 'node:zlib';

import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';

import type { RealS3 } from './real-s3.ts';

/** An archived object, read as anybody reads it: `zcat`. */
export interface BucketObject {
  readonly name: string;
  readonly first: number;
  readonly last: number;
  /** Its entries as they stand in it. */
  readonly entries: readonly { readonly index: number; readonly message: string }[];
}

const DATA = /(\d{12})-(\d{12})\.jsonl\.gz$/;

/** Every object of entries of a stream, in the order of names. @param folder like `runtime/web` */
export async function bucketObjects(s3: RealS3, folder: string): Promise<BucketObject[]> {
  return using(s3, async (client) => {
    const objects: BucketObject[] = [];
    for (const Key of await namesOf(client, s3.bucket, `logs/${folder}/`)) {
      const [, first, last] = DATA.exec(Key) ?? [];
      if (first === undefined) continue;
      const { Body } = await client.send(new GetObjectCommand({ Bucket: s3.bucket, Key }));
      const text = gunzipSync((await Body?.transformToByteArray()) ?? '').toString();
      const entries = text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as BucketObject['entries'][number]);
      objects.push({ name: Key, first: Number(first), last: Number(last), entries });
    }
    return objects;
  });
}

async function namesOf(client: S3Client, Bucket: string, Prefix: string): Promise<string[]> {
  const names: string[] = [];
  let next: string | undefined;
  do {
    const page = await client.send(new ListObjectsV2Command({ Bucket, Prefix, ContinuationToken: next }));
    for (const { Key = '' } of page.Contents ?? []) names.push(Key);
    next = page.NextContinuationToken;
  } while (next !== undefined);
  return names;
}

async function using<T>({ endpoint, region, env }: RealS3, work: (client: S3Client) => Promise<T>): Promise<T> {
  const credentials = { accessKeyId: env.AWS_ACCESS_KEY_ID, secretAccessKey: env.AWS_SECRET_ACCESS_KEY };
  const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  try {
    return await work(client);
  } finally {
    client.destroy();
  }
}
