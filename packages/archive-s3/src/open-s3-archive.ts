import { S3Client } from '@aws-sdk/client-s3';
import { ObjectLogArchive } from '@kubidu/core';
import type { ArchiveObjects, LogArchive } from '@kubidu/core';

import { expireByRule } from './expiry-rule.ts';
import { S3Objects } from './s3-objects.ts';

/** What an archive in S3 needs. Credentials come from where AWS's own tools take them: the environment first. */
export interface S3ArchiveOptions {
  /** It exists: nobody here makes one. */
  readonly bucket: string;
  /** `http(s)://…` of a store that is not AWS; buckets are then addressed by path. Absent: AWS. */
  readonly endpoint?: string;
  /** Absent: as AWS's own tools find it, else us-east-1. */
  readonly region?: string;
}

/** The archive of one bucket. Whoever opened it disposes of it. */
export interface S3Archive extends AsyncDisposable {
  readonly archive: LogArchive;
  /** Where it keeps its objects. */
  readonly objects: ArchiveObjects;
  /**
   * Has the store itself remove objects of runtime streams once they are older, in whole days. Resolves with whether it
   * will: some stores have no such rules, and some credentials may not set them.
   */
  expireByRule(retentionMs: number): Promise<boolean>;
}

const CONNECT_MS = 2_000;
const REQUEST_MS = 10_000;
const ATTEMPTS = 3;
const SOCKETS = 32;

/** Opens the archive; nothing is asked of the store before it is used. */
export function openS3Archive({ bucket, endpoint, region }: S3ArchiveOptions): S3Archive {
  const client = new S3Client({
    ...(endpoint !== undefined && { endpoint, forcePathStyle: true }),
    region: region ?? process.env['AWS_REGION'] ?? 'us-east-1',
    maxAttempts: ATTEMPTS,
    // Stores other than AWS know the older checksums only, where one is asked for.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: CONNECT_MS,
      requestTimeout: REQUEST_MS,
      throwOnRequestTimeout: true,
      httpAgent: { maxSockets: SOCKETS },
      httpsAgent: { maxSockets: SOCKETS },
    },
  });
  const objects = new S3Objects(client, bucket);
  const archive = new ObjectLogArchive(objects);
  return {
    archive,
    objects,
    expireByRule: (retentionMs) => expireByRule(client, bucket, retentionMs),
    [Symbol.asyncDispose]: () => archive[Symbol.asyncDispose](),
  };
}
