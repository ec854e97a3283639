import { DeleteObjectsCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import type { ListObjectsV2CommandOutput, S3Client } from '@aws-sdk/client-s3';
import type { ArchiveObjects, ByteRange, ListedObject } from '@kubidu/core';
import { LogsError } from '@kubidu/core';

import { Perseverance } from './perseverance.ts';

/** Most names of one request to remove. */
const REMOVED_AT_ONCE = 1_000;
/** The client tries a request again, but not one whose answer broke off. */
const BODY_TRIES = 3;

/** Objects in a bucket. Owns the client. */
export class S3Objects implements ArchiveObjects {
  readonly #client: S3Client;
  readonly #bucket: string;
  /** Whether the store can refuse to write what is there; found out by the first write. */
  #isConditional = true;
  readonly #perseverance = new Perseverance({ isWorth: (error) => !(Number(statusOf(error)) < 500) });

  constructor(client: S3Client, bucket: string) {
    this.#client = client;
    this.#bucket = bucket;
  }

  async put(name: string, content: Uint8Array): Promise<void> {
    const object = { Bucket: this.#bucket, Key: name, Body: content };
    const once = async (): Promise<void> => {
      try {
        await this.#client.send(new PutObjectCommand({ ...object, ...(this.#isConditional && { IfNoneMatch: '*' }) }));
      } catch (error) {
        // What is there is the same: a name stands for its content, and an attempt before may have been answered late.
        if (statusOf(error) === 412) return;
        if (!this.#isConditional || statusOf(error) !== 501) throw error;
        this.#isConditional = false;
        await once();
      }
    };
    try {
      await this.#perseverance.run(once);
    } catch (error) {
      throw away(error);
    }
  }

  async get(name: string, range?: ByteRange): Promise<Uint8Array | undefined> {
    const bytes = range && { Range: `bytes=${range.offset}-${range.offset + range.length - 1}` };
    for (let tries = 1; ; tries++) {
      try {
        const { Body } = await this.#client.send(new GetObjectCommand({ Bucket: this.#bucket, Key: name, ...bytes }));
        return await Body?.transformToByteArray();
      } catch (error) {
        if (error instanceof Error && error.name === 'NoSuchKey') return undefined;
        if (tries >= BODY_TRIES || statusOf(error) !== undefined) throw away(error);
      }
    }
  }

  async list(prefix: string): Promise<ListedObject[]> {
    const found: ListedObject[] = [];
    for await (const { Contents = [] } of this.#pages({ Prefix: prefix }))
      for (const { Key = '', Size = 0, LastModified } of Contents)
        found.push({ name: Key, size: Size, writtenAt: LastModified?.getTime() ?? 0 });
    return found;
  }

  async folders(prefix: string, most = Infinity): Promise<string[]> {
    const found: string[] = [];
    for await (const { CommonPrefixes = [] } of this.#pages({ Prefix: prefix, Delimiter: '/' })) {
      for (const { Prefix = '' } of CommonPrefixes) found.push(Prefix.slice(prefix.length));
      if (found.length >= most) break;
    }
    return found.slice(0, most);
  }

  async remove(names: readonly string[]): Promise<void> {
    for (let at = 0; at < names.length; at += REMOVED_AT_ONCE) {
      const Objects = names.slice(at, at + REMOVED_AT_ONCE).map((Key) => ({ Key }));
      try {
        const command = new DeleteObjectsCommand({ Bucket: this.#bucket, Delete: { Objects, Quiet: true } });
        const { Errors = [] } = await this.#client.send(command);
        if (Errors.length > 0)
          throw new LogsError('UNAVAILABLE', `the archive kept ${Errors.length} objects: ${Errors[0]?.Code}`);
      } catch (error) {
        throw error instanceof LogsError ? error : away(error);
      }
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#client.destroy();
    return Promise.resolve();
  }

  async *#pages(range: { Prefix: string; Delimiter?: string }): AsyncGenerator<ListObjectsV2CommandOutput> {
    let next: string | undefined;
    do {
      const more = next !== undefined && { ContinuationToken: next };
      let page: ListObjectsV2CommandOutput;
      try {
        const command = new ListObjectsV2Command({ Bucket: this.#bucket, ...range, ...more });
        page = await this.#perseverance.run(() => this.#client.send(command));
      } catch (error) {
        throw away(error);
      }
      yield page;
      next = page.IsTruncated ? page.NextContinuationToken : undefined;
    } while (next !== undefined);
  }
}

/** The HTTP status of a refusal; undefined where there was no whole answer. */
function statusOf(error: unknown): number | undefined {
  const metadata =
    typeof error === 'object' && error !== null && '$metadata' in error
      ? (error.$metadata as { httpStatusCode?: number } | undefined)
      : undefined;
  return metadata?.httpStatusCode;
}

function away(cause: unknown): LogsError {
  const name = cause instanceof Error ? cause.name : 'unknown';
  return new LogsError('UNAVAILABLE', `the archive in S3 does not answer: ${name}`, { cause });
}
