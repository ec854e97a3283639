import { LogsError } from '@kubidu/core';

/** A tar's records: the first one says what it is. */
const RECORD_BYTES = 512;
const MAGIC_AT = 257;

/**
 * The same bytes, if they begin like a tar archive or a gzip of something.
 * @throws {LogsError} INVALID_ARGUMENT where they do not
 */
export async function* onlyArchives(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let head: Buffer | undefined = Buffer.alloc(0);
  for await (const piece of bytes) {
    if (!head) {
      yield piece;
      continue;
    }
    head = Buffer.concat([head, piece]);
    if (head.length < RECORD_BYTES) continue;
    mustBeArchive(head);
    yield head;
    head = undefined;
  }
  if (!head) return;
  mustBeArchive(head);
  yield head;
}

function mustBeArchive(head: Buffer): void {
  const gzip = head[0] === 0x1f && head[1] === 0x8b;
  const tar = head.toString('latin1', MAGIC_AT, MAGIC_AT + 5) === 'ustar';
  if (!gzip && !tar) throw new LogsError('INVALID_ARGUMENT', 'the archive is no tar, nor a gzip of one');
}
