import type { Batch } from '../batch.ts';
import { Passed } from '../passed.ts';
import type { Sieve, Summary } from '../sieve.ts';
import type { ArchiveObjects, ByteRange } from './archive-objects.ts';
import type { Segment } from './cover.ts';
import type { GramFilter } from './gram-filter.ts';
import { IndexReader } from './index-reader.ts';
import { MemberBatch } from './member-batch.ts';
import type { MemberText } from './member-batch.ts';
import { decodeMembers } from './object-codec.ts';
import type { Member, ReadIndex } from './object-index.ts';
import type { ArchivedObject } from './object-name.ts';
import { SizedCache } from './sized-cache.ts';

/** An object was listed and is no longer there: it was merged, or it expired. List again. */
export class ObjectGone extends Error {
  override readonly name = 'ObjectGone';
}

/** Bytes, compressed, up to which an object is fetched whole: its index would cost a request of its own. */
const SMALL = 16 * 1024;
/** Members fetched by one request. */
const MEMBERS_AT_ONCE = 8;
const CACHED_BYTES = 32 * 1024 * 1024;

interface Piece {
  readonly first: number;
  readonly last: number;
  readonly bytes: ByteRange;
  /** What is known of its entries. */
  readonly summary?: Summary;
}

/** Members of one object, next to each other, that are fetched together; of their entries, those from `from` to `to`. */
interface Load {
  readonly object: ArchivedObject;
  readonly pieces: Piece[];
  from: number;
  to: number;
}

/** An object as it lies there. Its index and filters are absent where it is small, or where there are none of use. */
export interface WholeObject extends Partial<ReadIndex> {
  readonly content: Uint8Array;
  /** Its entries, unpacked a member at a time. */
  batches(): AsyncIterable<Batch>;
}

/** A step of reading a segment. */
export type Step = Load | Passed;

/** Bytes of an object, from one place on. */
interface Fetched {
  readonly at: number;
  readonly bytes: Uint8Array;
}

/**
 * Reads entries out of objects, by their index and only the members that are needed. Keeps what was unpacked, up to 32 MiB.
 */
export class ObjectReader {
  readonly #objects: ArchiveObjects;
  readonly #texts = new SizedCache<MemberText>(CACHED_BYTES, ({ bytes }) => bytes.length);
  readonly #indexes: IndexReader;

  constructor(objects: ArchiveObjects) {
    this.#objects = objects;
    this.#indexes = new IndexReader(objects);
  }

  /** All of an object, for one who does not ask again: nothing of it is kept. @throws {ObjectGone} */
  async whole(object: ArchivedObject): Promise<WholeObject> {
    const reading = object.size <= SMALL ? undefined : this.#indexes.readOnce(object);
    const [read, content] = await Promise.all([reading, this.#objects.get(object.name)]);
    if (!content) throw new ObjectGone(object.name);
    return { content, ...read, batches: () => batchesOf(piecesOf(object, read), content) };
  }

  /**
   * How to read a segment, from its beginning or, backward, from its end: what is fetched by one request, and what the
   * sieve passes over. @throws {ObjectGone} when they are taken
   */
  async steps({ object, from, to }: Segment, forward: boolean, sieve?: Sieve): Promise<Step[]> {
    const pieces = (await this.#pieces(object, sieve?.asksTexts ?? false)).filter(
      ({ first, last }) => last >= from && first <= to,
    );
    const steps: Step[] = [];
    for (const piece of forward ? pieces : pieces.reverse()) {
      const before = steps.at(-1);
      const [begin, end] = [Math.max(piece.first, from), Math.min(piece.last, to)];
      if (sieve && piece.summary && !sieve.admits(piece.summary)) {
        if (sieve.keepsSummaries) steps.push(new Passed(begin, end, piece.summary));
        else if (before instanceof Passed)
          steps[steps.length - 1] = new Passed(Math.min(before.first, begin), Math.max(before.last, end));
        else steps.push(new Passed(begin, end));
      } else if (before && !(before instanceof Passed) && this.#mayJoin(before, piece)) {
        before.pieces.push(piece);
        before.from = Math.min(before.from, begin);
        before.to = Math.max(before.to, end);
      } else steps.push({ object, pieces: [piece], from: begin, to: end });
    }
    return steps;
  }

  /** What a step says, in its order. @throws {ObjectGone} */
  async take(step: Step): Promise<readonly (Batch | Passed)[]> {
    if (step instanceof Passed) return [step];
    const { object, pieces, from, to } = step;
    const missing = pieces.some((piece) => !this.#texts.get(keyOf(object, piece)));
    const content = missing ? await this.#fetch(object, pieces) : undefined;
    const texts = await Promise.all(pieces.map((piece) => this.#unpacked(object, piece, content)));
    return texts.map((text) => new MemberBatch(text).slice(from - 1, to)).filter((batch) => batch !== undefined);
  }

  /** Whether a member is fetched together with those before it: what is held already is not fetched. */
  #mayJoin({ object, pieces }: Load, piece: Piece): boolean {
    const [first] = pieces;
    if (!first || pieces.length >= MEMBERS_AT_ONCE) return false;
    return !this.#texts.get(keyOf(object, piece)) && !this.#texts.get(keyOf(object, first));
  }

  async #fetch(object: ArchivedObject, pieces: readonly Piece[]): Promise<Fetched> {
    const at = Math.min(...pieces.map(({ bytes }) => bytes.offset));
    const end = Math.max(...pieces.map(({ bytes }) => bytes.offset + bytes.length));
    const whole = at === 0 && end === object.size;
    const bytes = await this.#objects.get(object.name, whole ? undefined : { offset: at, length: end - at });
    if (!bytes) throw new ObjectGone(object.name);
    return { at, bytes };
  }

  async #unpacked(object: ArchivedObject, piece: Piece, fetched: Fetched | undefined): Promise<MemberText> {
    const key = keyOf(object, piece);
    const held = this.#texts.get(key);
    if (held) return held;
    const { at, bytes } = fetched ?? (await this.#fetch(object, [piece]));
    const text = await unpacked(piece, bytes.subarray(piece.bytes.offset - at));
    this.#texts.set(key, text);
    return text;
  }

  async #pieces(object: ArchivedObject, wantsFilters: boolean): Promise<Piece[]> {
    return piecesOf(object, object.size <= SMALL ? undefined : await this.#indexes.read(object, wantsFilters));
  }
}

async function* batchesOf(pieces: readonly Piece[], content: Uint8Array): AsyncGenerator<Batch> {
  for (const piece of pieces) yield new MemberBatch(await unpacked(piece, content.subarray(piece.bytes.offset)));
}

/** The members of an object, or all of it where it has no index of use. */
function piecesOf(object: ArchivedObject, read: ReadIndex | undefined): Piece[] {
  if (!read) return [{ first: object.first, last: object.last, bytes: { offset: 0, length: object.size } }];
  const { members } = read.index;
  return members.map((member, at) => pieceOf(member, members[at + 1], object, read.filters?.[at]));
}

function unpacked({ first, last, bytes: { length } }: Piece, from: Uint8Array): Promise<MemberText> {
  return decodeMembers(from.subarray(0, length), first, last);
}

function pieceOf(member: Member, next: Member | undefined, object: ArchivedObject, filter?: GramFilter): Piece {
  const { first, offset, from, to, levels } = member;
  const last = next ? next.first - 1 : object.last;
  return {
    first,
    last,
    bytes: { offset, length: (next?.offset ?? object.size) - offset },
    summary: {
      count: last - first + 1,
      from,
      to,
      levels,
      ...(filter && { mayHold: (text: string) => filter.mayHold(text) }),
    },
  };
}

const keyOf = ({ name }: ArchivedObject, { first }: Piece): string => `${name}#${first}`;
