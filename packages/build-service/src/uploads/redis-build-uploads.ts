import { randomUUID } from 'node:crypto';

import { isId } from '@kubidu/contracts';
import type { Uploaded } from '@kubidu/contracts';
import { KEEP_UPLOADS_MS, LogsError } from '@kubidu/core';
import type { BuildUploads, UploadInfo } from '@kubidu/core';
import type { Connection } from '@kubidu/store-redis';

import { chunksOf } from './chunks.ts';

/** Uploads in Redis: the chunks in a list, what is known of them in a hash that is written last. Both expire. */
export class RedisBuildUploads implements BuildUploads {
  readonly maxBytes: number;
  readonly #connection: Connection;
  readonly #keepMs: number;

  /** The connection stays its owner's. @param keepMs milliseconds for which an upload waits for its build */
  constructor(connection: Connection, maxBytes: number, keepMs = KEEP_UPLOADS_MS) {
    this.#connection = connection;
    this.maxBytes = maxBytes;
    this.#keepMs = keepMs;
  }

  async put(archive: AsyncIterable<Uint8Array>, tenant?: string): Promise<Uploaded> {
    const upload = randomUUID();
    const { chunks, info } = keysOf(upload);
    const keepMs = this.#keepMs;
    let bytes = 0;
    try {
      for await (const chunk of chunksOf(archive, this.maxBytes)) {
        // The expiry with the first chunk: whoever dies over it leaves nothing for longer than a day.
        await this.#connection.run((client) => client.multi().rpush(chunks, chunk).pexpire(chunks, keepMs).exec());
        bytes += chunk.length;
      }
      const fields = { bytes: String(bytes), ...(tenant !== undefined && { tenant }) };
      await this.#connection.run((client) => client.multi().hset(info, fields).pexpire(info, keepMs).exec());
      return { upload, bytes };
    } catch (error) {
      await this.remove(upload).catch(() => undefined); // away: it expires
      throw error;
    }
  }

  async find(upload: string): Promise<UploadInfo | undefined> {
    if (!isId(upload)) return undefined;
    const { bytes, tenant } = await this.#connection.run((client) => client.hgetall(keysOf(upload).info));
    if (bytes === undefined) return undefined;
    return { bytes: Number(bytes), ...(tenant !== undefined && { tenant }) };
  }

  async *read(upload: string): AsyncGenerator<Uint8Array> {
    const found = await this.find(upload);
    if (!found) throw new LogsError('NOT_FOUND', `there is no upload ${upload} (any more)`);
    const { chunks } = keysOf(upload);
    let left = found.bytes;
    for (let at = 0; left > 0; at++) {
      const chunk = await this.#connection.run((client) => client.lindexBuffer(chunks, at));
      if (!chunk) throw new LogsError('NOT_FOUND', `upload ${upload} expired while it was read`);
      left -= chunk.length;
      yield chunk;
    }
  }

  async remove(upload: string): Promise<void> {
    if (!isId(upload)) return;
    const { chunks, info } = keysOf(upload);
    await this.#connection.run((client) => client.del(info, chunks));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

/** They share a hash tag: in a cluster they are removed together. */
const keysOf = (upload: string) => ({
  chunks: `builds:{upload:${upload}}:chunks`,
  info: `builds:{upload:${upload}}:info`,
});
