import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { isId } from '@kubidu/contracts';
import type { Uploaded } from '@kubidu/contracts';
import { KEEP_UPLOADS_MS, LogsError, systemClock } from '@kubidu/core';
import type { BuildUploads, Clock, UploadInfo } from '@kubidu/core';

import { chunksOf } from './chunks.ts';

/** How it is set up. */
export interface DiskBuildUploadsOptions {
  /** A folder of its own; it is created. */
  readonly path: string;
  readonly maxBytes: number;
  readonly clock?: Clock;
}

/** Uploads as files of a folder: `<upload>.tar`, and `<upload>.json` once it is whole. Old ones go with each new one. */
export class DiskBuildUploads implements BuildUploads {
  readonly maxBytes: number;
  readonly #path: string;
  readonly #clock: Clock;

  private constructor({ path, maxBytes, clock = systemClock }: DiskBuildUploadsOptions) {
    this.#path = path;
    this.maxBytes = maxBytes;
    this.#clock = clock;
  }

  /** @throws {LogsError} UNAVAILABLE where the folder cannot be written */
  static async open(options: DiskBuildUploadsOptions): Promise<DiskBuildUploads> {
    const uploads = new DiskBuildUploads(options);
    await onDisk(() => mkdir(options.path, { recursive: true, mode: 0o700 }));
    await uploads.#sweep();
    return uploads;
  }

  async put(archive: AsyncIterable<Uint8Array>, tenant?: string): Promise<Uploaded> {
    await this.#sweep();
    const upload = randomUUID();
    try {
      const bytes = await this.#write(upload, archive);
      const info: UploadInfo = { ...(tenant !== undefined && { tenant }), bytes };
      await onDisk(() => writeFile(this.#file(upload, 'json'), JSON.stringify(info), { mode: 0o600 }));
      return { upload, bytes };
    } catch (error) {
      await this.#drop(upload);
      throw error;
    }
  }

  async find(upload: string): Promise<UploadInfo | undefined> {
    if (!isId(upload)) return undefined;
    const file = this.#file(upload, 'json');
    return onDisk(async () => {
      if (this.#clock.now() - (await stat(file)).mtimeMs >= KEEP_UPLOADS_MS) return undefined;
      return JSON.parse(await readFile(file, 'utf8')) as UploadInfo;
    }).catch(unlessThere);
  }

  async *read(upload: string): AsyncGenerator<Uint8Array> {
    if (!(await this.find(upload))) throw new LogsError('NOT_FOUND', `there is no upload ${upload} (any more)`);
    try {
      for await (const chunk of createReadStream(this.#file(upload, 'tar'))) yield chunk as Buffer;
    } catch (cause) {
      throw asUnavailable(cause);
    }
  }

  async remove(upload: string): Promise<void> {
    if (isId(upload)) await this.#drop(upload);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  async #write(upload: string, archive: AsyncIterable<Uint8Array>): Promise<number> {
    const file = await onDisk(() => open(this.#file(upload, 'tar'), 'wx', 0o600));
    try {
      let bytes = 0;
      for await (const chunk of chunksOf(archive, this.maxBytes)) {
        await onDisk(() => file.writeFile(chunk));
        bytes += chunk.length;
      }
      await onDisk(() => file.sync());
      return bytes;
    } finally {
      await file.close();
    }
  }

  async #sweep(): Promise<void> {
    for (const name of await onDisk(() => readdir(this.#path))) {
      const file = join(this.#path, name);
      const found = await stat(file).catch(() => undefined); // removed meanwhile
      if (found && this.#clock.now() - found.mtimeMs >= KEEP_UPLOADS_MS) await onDisk(() => rm(file, { force: true }));
    }
  }

  async #drop(upload: string): Promise<void> {
    // What says that it is whole goes first.
    for (const kind of ['json', 'tar'] as const) await onDisk(() => rm(this.#file(upload, kind), { force: true }));
  }

  #file(upload: string, kind: 'json' | 'tar'): string {
    return join(this.#path, `${upload}.${kind}`);
  }
}

async function onDisk<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    throw asUnavailable(cause);
  }
}

function asUnavailable(cause: unknown): LogsError {
  return new LogsError('UNAVAILABLE', 'the uploads on disk cannot be had', { cause });
}

function unlessThere(error: LogsError): undefined {
  if ((error.cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
  throw error;
}
