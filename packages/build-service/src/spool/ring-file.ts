import { open, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';

/**
 * Bytes in a file, first in first out. The file never grows beyond its bound: what was read makes room for what comes. It
 * has no name: nobody else can open it, and the system takes it back however this process ends. Whoever opens it disposes
 * of it. One `append` at a time, and one `peek`.
 */
export class RingFile implements AsyncDisposable {
  readonly #file: FileHandle;
  readonly #maxBytes: number;
  /** Counted from the file's beginning, as if it were endless. */
  #read = 0;
  #written = 0;

  private constructor(file: FileHandle, maxBytes: number) {
    this.#file = file;
    this.#maxBytes = maxBytes;
  }

  /** @param folder where its bytes lie; must exist */
  static async open(folder: string, maxBytes: number): Promise<RingFile> {
    const path = join(folder, `kubidu-spool-${randomUUID()}`);
    const file = await open(path, 'wx+', 0o600);
    try {
      await unlink(path);
      return new RingFile(file, maxBytes);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Bytes that were appended and not read yet. */
  get unreadBytes(): number {
    return this.#written - this.#read;
  }

  /** @throws {RangeError} where there is no room */
  async append(bytes: Buffer): Promise<void> {
    if (this.unreadBytes + bytes.length > this.#maxBytes) throw new RangeError('the spool is full');
    for (let done = 0; done < bytes.length;) {
      const at = (this.#written + done) % this.#maxBytes;
      const length = Math.min(bytes.length - done, this.#maxBytes - at);
      done += (await this.#file.write(bytes, done, length, at)).bytesWritten;
    }
    this.#written += bytes.length;
  }

  /** The next bytes, at most so many, without taking them out; empty where there are none. */
  async peek(maxBytes: number): Promise<Buffer> {
    const bytes = Buffer.alloc(Math.min(maxBytes, this.unreadBytes));
    for (let done = 0; done < bytes.length;) {
      const at = (this.#read + done) % this.#maxBytes;
      const length = Math.min(bytes.length - done, this.#maxBytes - at);
      const { bytesRead } = await this.#file.read(bytes, done, length, at);
      if (bytesRead === 0) throw new Error('the spool is shorter than what was written to it');
      done += bytesRead;
    }
    return bytes;
  }

  /** Takes out what was read. */
  skip(bytes: number): void {
    this.#read += Math.min(bytes, this.unreadBytes);
  }

  /** Forgets everything, and gives the disk its room back. Not while something is appended or read. */
  async clear(): Promise<void> {
    this.#read = 0;
    this.#written = 0;
    await this.#file.truncate(0);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#file.close();
  }
}
