import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';

import { withIndex } from '../batch.ts';
import type { Batch } from '../batch.ts';
import { LogsError } from '../logs-error.ts';
import { GramCollector } from './gram-filter.ts';
import type { FilterParts } from './gram-filter.ts';
import { MemberText } from './member-batch.ts';
import { INDEX_VERSION } from './object-index.ts';
import type { Member, ObjectIndex } from './object-index.ts';

const pack = promisify<Uint8Array, { level: number; memLevel: number }, Buffer>(gzip);
const unpack = promisify<Uint8Array, { chunkSize: number }, Buffer>(gunzip);

/** Characters of lines after which a member ends. */
const MEMBER_SIZE = 1024 * 1024;
/** A week of lines lies here, and they are written once or twice: what packs them best, though it takes longer. */
const PACKING = { level: 8, memLevel: 9 };
/** Bytes that are unpacked in one piece: a member of lines that are mostly ASCII. */
const CHUNK = MEMBER_SIZE + 64 * 1024;
/** Members that are packed while the next one is filled. */
const PACKED_AT_ONCE = 2;

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
 * being filled and two before it, which are compressed meanwhile. The same lines make the same members, however they are
 * batched.
 */
export class ObjectEncoder {
  readonly #packs: Promise<PackedMember>[] = [];
  readonly #first: number;
  #next: number;
  #lines: string[] = [];
  #lineSize = 0;
  #rawSize = 0;

  /** @param first index of the first entry */
  constructor(first: number) {
    this.#first = this.#next = first;
  }

  /** Bytes before compression of what was added. */
  get rawSize(): number {
    return this.#rawSize;
  }

  async add({ first, lines }: Batch): Promise<void> {
    for (const [at, line] of lines.entries()) {
      const indexed = withIndex(line, first + at);
      this.#lines.push(indexed);
      this.#lineSize += indexed.length + 1;
      if (this.#lineSize >= MEMBER_SIZE) await this.#endMember();
    }
  }

  /** The object; nothing may be added after it. */
  async finish(): Promise<EncodedObject> {
    if (this.#lines.length > 0) await this.#endMember();
    const packs = await Promise.all(this.#packs);
    const members: Member[] = [];
    let size = 0;
    for (const { packed, member } of packs) {
      members.push({ offset: size, ...member });
      size += packed.byteLength;
    }
    const index = { version: INDEX_VERSION, first: this.#first, last: this.#next - 1, size, rawSize: this.#rawSize };
    return {
      content: Buffer.concat(packs.map(({ packed }) => packed)),
      index: { ...index, members },
      filters: packs.map(({ filter }) => filter),
    };
  }

  async #endMember(): Promise<void> {
    const lines = this.#lines;
    this.#lines = [];
    this.#lineSize = 0;
    const raw = Buffer.from(`${lines.join('\n')}\n`);
    const first = this.#next;
    this.#next += lines.length;
    this.#rawSize += raw.byteLength;
    await this.#packs.at(-PACKED_AT_ONCE);
    const packing = packMember(raw, first, lines);
    // Whoever adds next, or finishes, learns of it.
    packing.catch(() => undefined);
    this.#packs.push(packing);
  }
}

async function packMember(raw: Uint8Array, first: number, lines: readonly string[]): Promise<PackedMember> {
  const packing = pack(raw, PACKING);
  const filter = collector.filterOf(raw);
  const member = { first, ...summaryOf(lines), filter: [filter.word.length, filter.number.length] as const };
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

/** What a line begins with, as every writer makes it, and what stands before the level of one that has none elsewhere. */
const TIME = /^\{"index":\d+,"timestamp":"([^"\\]*)"/;
const LEVEL = '"level":"';

function summaryOf(lines: readonly string[]): Pick<Member, 'from' | 'to' | 'levels'> {
  let from = Infinity;
  let to = -Infinity;
  const levels: Record<string, number> = {};
  for (const line of lines) {
    const { timestamp, level } = timeAndLevel(line);
    if (level !== undefined) levels[level] = (levels[level] ?? 0) + 1;
    const at = Date.parse(timestamp ?? '');
    if (Number.isNaN(at)) continue;
    if (at < from) from = at;
    // A Date drops what is finer than a millisecond.
    if (at + 1 > to) to = at + 1;
  }
  return from <= to ? { from, to, levels } : { from: 0, to: 0, levels };
}

interface TimeAndLevel {
  readonly timestamp?: string | undefined;
  readonly level?: string | undefined;
}

/** Of an entry. Within strings quotes are escaped: what looks like a level is one, of the entry or of its context. */
function timeAndLevel(line: string): TimeAndLevel {
  const timestamp = TIME.exec(line)?.[1];
  if (timestamp === undefined || line.includes('"context":')) return JSON.parse(line) as TimeAndLevel;
  const at = line.indexOf(LEVEL);
  const begin = at + LEVEL.length;
  return { timestamp, level: at < 0 ? undefined : line.slice(begin, line.indexOf('"', begin)) };
}
