import type { Batch } from '../batch.ts';
import type { ArchiveObjects, ByteRange } from './archive-objects.ts';
import type { Segment } from './cover.ts';
import { decodeMembers } from './object-codec.ts';
import { decodeIndex } from './object-index.ts';
import type { Member, ObjectIndex } from './object-index.ts';
import { indexNameOf } from './object-name.ts';
import type { ArchivedObject } from './object-name.ts';
import { SizedCache } from './sized-cache.ts';

/** An object was listed and is no longer there: it was merged, or it expired. List again. */
export class ObjectGone extends Error {
  override readonly name = 'ObjectGone';
}

/** Bytes, compressed, up to which an object is fetched whole: its index would cost a request of its own. */
const SMALL = 16 * 1024;
/** Members fetched by one request, and unpacked one by one. */
const MEMBERS_AT_ONCE = 8;
const CACHED_CHARACTERS = 32 * 1024 * 1024;
const CACHED_MEMBERS = 50_000;

interface Piece {
  readonly first: number;
  readonly last: number;
  readonly bytes: ByteRange;
}

/**
 * Reads entries out of objects, by their index and only the members that are needed. Keeps what was unpacked, up to 32 Mi
 * characters, and indexes of up to 50,000 members.
 */
export class ObjectReader {
  readonly #objects: ArchiveObjects;
  readonly #batches = new SizedCache<Batch>(CACHED_CHARACTERS, sizeOf);
  readonly #indexes = new SizedCache<ObjectIndex>(CACHED_MEMBERS, ({ members }) => members.length);

  constructor(objects: ArchiveObjects) {
    this.#objects = objects;
  }

  /** Whether the segment takes one request and little memory, so that several may be read at once. */
  isSmall({ object }: Segment): boolean {
    return object.size <= SMALL;
  }

  /**
   * The entries of a segment, a batch at a time, from its beginning or, backward, from its end. No more is read than is
   * taken. @throws {ObjectGone}
   */
  async *batches({ object, from, to }: Segment, forward: boolean): AsyncGenerator<Batch> {
    const pieces = (await this.#pieces(object)).filter(({ first, last }) => last >= from && first <= to);
    if (!forward) pieces.reverse();
    for (let at = 0; at < pieces.length;) {
      const count = this.#fetchable(object, pieces, at);
      const content = count === 0 ? undefined : await this.#fetch(object, pieces.slice(at, at + count));
      for (const piece of pieces.slice(at, at + Math.max(count, 1))) {
        const batch = (await this.#unpacked(object, piece, content)).slice(from - 1, to);
        if (batch) yield batch;
      }
      at += Math.max(count, 1);
    }
  }

  /** How many pieces from `at` on are not held, up to what one request may fetch. */
  #fetchable(object: ArchivedObject, pieces: readonly Piece[], at: number): number {
    let count = 0;
    for (const piece of pieces.slice(at, at + MEMBERS_AT_ONCE)) {
      if (this.#batches.get(keyOf(object, piece))) break;
      count++;
    }
    return count;
  }

  async #fetch(object: ArchivedObject, pieces: readonly Piece[]): Promise<{ at: number; bytes: Uint8Array }> {
    const at = Math.min(...pieces.map(({ bytes }) => bytes.offset));
    const end = Math.max(...pieces.map(({ bytes }) => bytes.offset + bytes.length));
    const whole = at === 0 && end === object.size;
    const bytes = await this.#objects.get(object.name, whole ? undefined : { offset: at, length: end - at });
    if (!bytes) throw new ObjectGone(object.name);
    return { at, bytes };
  }

  async #unpacked(
    object: ArchivedObject,
    piece: Piece,
    fetched: { at: number; bytes: Uint8Array } | undefined,
  ): Promise<Batch> {
    const key = keyOf(object, piece);
    const held = this.#batches.get(key);
    if (held) return held;
    const { at, bytes } = fetched ?? (await this.#fetch(object, [piece]));
    const offset = piece.bytes.offset - at;
    const batch = await decodeMembers(bytes.subarray(offset, offset + piece.bytes.length), piece.first, piece.last);
    this.#batches.set(key, batch);
    return batch;
  }

  async #pieces(object: ArchivedObject): Promise<Piece[]> {
    const whole = [{ first: object.first, last: object.last, bytes: { offset: 0, length: object.size } }];
    if (object.size <= SMALL) return whole;
    const index = this.#indexes.get(object.name) ?? (await this.#readIndex(object));
    if (!index) return whole;
    return index.members.map((member, at) => pieceOf(member, index.members[at + 1], object));
  }

  async #readIndex(object: ArchivedObject): Promise<ObjectIndex | undefined> {
    const content = await this.#objects.get(indexNameOf(object.name));
    const index = content && decodeIndex(content, object.size);
    if (index) this.#indexes.set(object.name, index);
    return index;
  }
}

function pieceOf(member: Member, next: Member | undefined, object: ArchivedObject): Piece {
  return {
    first: member.first,
    last: next ? next.first - 1 : object.last,
    bytes: { offset: member.offset, length: (next?.offset ?? object.size) - member.offset },
  };
}

const keyOf = ({ name }: ArchivedObject, { first }: Piece): string => `${name}#${first}`;

function sizeOf({ lines }: Batch): number {
  return lines.reduce((sum, line) => sum + line.length, 0);
}
