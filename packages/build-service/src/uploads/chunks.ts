import { LogsError } from '@kubidu/core';

/** Bytes of one chunk: small enough for a Redis that serves others meanwhile. */
const CHUNK_BYTES = 1024 * 1024;

/**
 * The same bytes in chunks of 1 MiB, the last one shorter. Holds one of them.
 * @throws {LogsError} PAYLOAD_TOO_LARGE once there are more than `maxBytes`
 */
export async function* chunksOf(archive: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Buffer> {
  let pieces: Uint8Array[] = [];
  let held = 0;
  let total = 0;
  for await (const piece of archive) {
    total += piece.byteLength;
    if (total > maxBytes)
      throw new LogsError('PAYLOAD_TOO_LARGE', `the archive is larger than ${maxBytes} bytes (KUBIDU_UPLOAD_BYTES)`);
    pieces.push(piece);
    held += piece.byteLength;
    if (held < CHUNK_BYTES) continue;
    const joined = Buffer.concat(pieces);
    let from = 0;
    for (; joined.length - from >= CHUNK_BYTES; from += CHUNK_BYTES) yield joined.subarray(from, from + CHUNK_BYTES);
    pieces = from < joined.length ? [joined.subarray(from)] : [];
    held = joined.length - from;
  }
  if (held > 0) yield Buffer.concat(pieces);
}
