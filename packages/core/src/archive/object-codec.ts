import { promisify } from 'node:util';
import { constants, gunzip, gzip } from 'node:zlib';

import type { Batch } from '../batch.ts';
import { LogsError } from '../logs-error.ts';
import { GramCollector } from './gram-filter.ts';
import type { FilterParts } from './gram-filter.ts';
import { MemberText } from './member-batch.ts';
import { MemberWriter } from './member-writer.ts';
import type { WrittenMember } from './member-writer.ts';
import { INDEX_VERSION } from './object-index.ts';
import type { Member, ObjectIndex } from './object-index.ts';

const pack = promisify<Uint8Array, typeof WELL, Buffer>(gzip);
const unpack = promisify<Uint8Array, { chunkSize: number }, Buffer>(gunzip);

/** Characters of lines after which a member ends. */
export const MEMBER_SIZE = 1024 * 1024;
/**
 * A week of lines lies here, and they are written once or twice: what packs them best, though it takes longer. Lines repeat
 * each other in long texts and differ in numbers: a match of a few bytes costs more than these bytes, so it is left out.
 */
const WELL = { level: 8, memLevel: 9, strategy: constants.Z_FILTERED };
/** zlib has nothing between: 4 % larger than {@link WELL}, in a third of the time. */
const FAST = { ...WELL, level: 7 };
/** Of so many members one is packed {@link FAST}: 1 % in size for a sixth of the time. */
const FAST_EVERY = 4;
/** Bytes that are unpacked in one piece: a member of lines that are mostly ASCII. */
const CHUNK = MEMBER_SIZE + 64 * 1024;
/** Members that are packed while the next one is filled. */
const PACKED_AT_ONCE = 3;

const collector = new GramCollector();

/** An object's bytes and what lies beside it. */
export interface EncodedObject {
  readonly content: Uint8Array;
  readonly index: ObjectIndex;
  /** One for each member. */
  readonly filters: readonly FilterParts[];
}

interface PackedMember {
  readonly packed: Uint8Array;
  readonly member: Omit<Member, 'offset'>;
  readonly filter: FilterParts;
}

/**
 * Writes an object: batches go in, each next to the one before. What it holds is compressed, but for the member that is
 * being filled and three before it, which are compressed meanwhile. The same lines make the same members, however they are
 * batched.
 */
export class ObjectEncoder {
  readonly #packs: Promise<PackedMember>[] = [];
  readonly #first: number;
  #writer: MemberWriter;
  #rawSize = 0;

  /** @param first index of the first entry */
  constructor(first: number) {
    this.#first = first;
    this.#writer = new MemberWriter(first);
  }

  async add({ lines }: Batch): Promise<void> {
    for (const line of lines) {
      this.#writer.add(line);
      if (this.#writer.size >= MEMBER_SIZE) await this.#endMember();
    }
  }

  /** The object; nothing may be added after it. */
  async finish(): Promise<EncodedObject> {
    if (this.#writer.size > 0) await this.#endMember();
    const packs = await Promise.all(this.#packs);
    const members: Member[] = [];
    let size = 0;
    for (const { packed, member } of packs) {
      members.push({ offset: size, ...member });
      size += packed.byteLength;
    }
    const last = this.#writer.next - 1;
    const index = { version: INDEX_VERSION, first: this.#first, last, size, rawSize: this.#rawSize };
    return {
      content: Buffer.concat(packs.map(({ packed }) => packed)),
      index: { ...index, members },
      filters: packs.map(({ filter }) => filter),
    };
  }

  async #endMember(): Promise<void> {
    const written = this.#writer.end();
    this.#writer = new MemberWriter(this.#writer.next);
    this.#rawSize += written.content.byteLength;
    await this.#packs.at(-PACKED_AT_ONCE);
    const isFast = this.#packs.length % FAST_EVERY === FAST_EVERY - 1;
    const packing = packMember(written, isFast ? FAST : WELL);
    // Whoever adds next, or finishes, learns of it.
    packing.catch(() => undefined);
    this.#packs.push(packing);
  }
}

async function packMember({ content, ...about }: WrittenMember, options: typeof WELL): Promise<PackedMember> {
  const packing = pack(content, options);
  const filter = collector.filterOf(content);
  const member = { ...about, filter: [filter.word.length, filter.number.length] as const };
  return { packed: await packing, member, filter };
}

/**
 * The entries of one member or several in a row.
 * @throws {LogsError} INTERNAL when it is not gzip, or not these entries
 */
export async function decodeMembers(content: Uint8Array, first: number, last: number): Promise<MemberText> {
  let bytes: Buffer;
  try {
    bytes = await unpack(content, { chunkSize: CHUNK });
  } catch (cause) {
    throw new LogsError('INTERNAL', `the archived entries ${first}–${last} cannot be unpacked`, { cause });
  }
  return new MemberText(bytes, first, last);
}
