import { describe, expect, it } from '@jest/globals';
import type { BuildUploads } from '@kubidu/core';

const MAX_BYTES = 3 * 1024 * 1024;

/** What every BuildUploads does. `open` gives one that takes so many bytes, of which this suite disposes. */
export function describeBuildUploads(adapter: string, open: (maxBytes: number) => Promise<BuildUploads>): void {
  describe(`${adapter} as BuildUploads`, () => {
    async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
    }
    // Each chunk of them differs from every other.
    const bytesOf = (count: number) => Buffer.alloc(count).map((_, at) => Math.imul(at, 2_654_435_761) >>> 24);
    const read = async (uploads: BuildUploads, upload: string) => {
      const found: Uint8Array[] = [];
      for await (const chunk of uploads.read(upload)) found.push(chunk);
      return Buffer.concat(found);
    };

    it.each([
      { count: 1, size: 1 },
      { count: 70_000, size: 999 },
      { count: 1024 * 1024, size: 65_536 },
      { count: 2_500_000, size: 2_500_000 },
      { count: MAX_BYTES, size: 100_000 },
    ])('gives $count bytes back that came in pieces of $size', async ({ count, size }) => {
      await using uploads = await open(MAX_BYTES);
      const bytes = bytesOf(count);
      const { upload, bytes: kept } = await uploads.put(pieces(bytes, size));
      expect(kept).toBe(count);
      expect((await read(uploads, upload)).equals(bytes)).toBe(true);
    });

    it('tells whose an upload is, and how large', async () => {
      await using uploads = await open(MAX_BYTES);
      const owned = await uploads.put(pieces(bytesOf(10), 3), 'a');
      const free = await uploads.put(pieces(bytesOf(20), 3));
      expect(await uploads.find(owned.upload)).toEqual({ tenant: 'a', bytes: 10 });
      expect(await uploads.find(free.upload)).toEqual({ bytes: 20 });
    });

    it('refuses one byte too many, naming the limit and the setting, and keeps nothing of it', async () => {
      await using uploads = await open(MAX_BYTES);
      const tooMuch = uploads.put(pieces(Buffer.alloc(MAX_BYTES + 1), 500_000));
      await expect(tooMuch).rejects.toMatchObject({
        code: 'PAYLOAD_TOO_LARGE',
        message: `the archive is larger than ${MAX_BYTES} bytes (KUBIDU_UPLOAD_BYTES)`,
      });
    });

    it('throws what reading the archive throws', async () => {
      await using uploads = await open(MAX_BYTES);
      async function* broken(): AsyncGenerator<Uint8Array> {
        yield await Promise.resolve(Buffer.alloc(2_000_000));
        throw new Error('the client went away');
      }
      await expect(uploads.put(broken())).rejects.toThrow('the client went away');
    });

    it('knows none that was removed, or never was', async () => {
      await using uploads = await open(MAX_BYTES);
      const { upload } = await uploads.put(pieces(bytesOf(10), 3));
      await uploads.remove(upload);
      await uploads.remove(upload);
      for (const unknown of [upload, 'never', '../../etc/passwd', '']) {
        expect(await uploads.find(unknown)).toBeUndefined();
        await expect(read(uploads, unknown)).rejects.toMatchObject({ code: 'NOT_FOUND' });
        await uploads.remove(unknown);
      }
    });
  });
}
