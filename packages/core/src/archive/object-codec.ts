import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';

import { Batch, withIndex } from '../batch.ts';
import { LogsError } from '../logs-error.ts';
import { INDEX_VERSION } from './object-index.ts';
import type { Member, ObjectIndex } from './object-index.ts';

const pack = promisify(gzip);
const unpack = promisify<Uint8Array, Buffer>(gunzip);

/** Characters of lines after which a member ends. */
const MEMBER_SIZE = 1024 * 1024;

/** An object's bytes and what its index tells. */
export interface EncodedObject {
  readonly content: Uint8Array;
  readonly index: ObjectIndex;
}

/**
 * Writes an object: batches go in, each next to the one before. What it holds is compressed, but for the member that is
 * being filled and the one before it, which is compressed meanwhile. The same lines make the same members, however they are batched.
 */
export class ObjectEncoder {
  readonly #packed: Uint8Array[] = [];
  readonly #members: Member[] = [];
  readonly #first: number;
  #next: number;
  #lines: string[] = [];
  #lineSize = 0;
  #size = 0;
  #rawSize = 0;
  #packing: Promise<void> = Promise.resolve();

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
    await this.#packing;
    return {
      content: Buffer.concat(this.#packed),
      index: {
        version: INDEX_VERSION,
        first: this.#first,
        last: this.#next - 1,
        size: this.#size,
        rawSize: this.#rawSize,
        members: this.#members,
      },
    };
  }

  async #endMember(): Promise<void> {
    const lines = this.#lines;
    this.#lines = [];
    this.#lineSize = 0;
    const raw = Buffer.from(`${lines.join('\n')}\n`);
    const member = { first: this.#next, ...summaryOf(lines) };
    this.#next += lines.length;
    this.#rawSize += raw.byteLength;
    await this.#packing;
    this.#packing = this.#pack(raw, member);
    // Whoever adds next, or finishes, learns of it.
    this.#packing.catch(() => undefined);
  }

  async #pack(raw: Uint8Array, member: Omit<Member, 'offset'>): Promise<void> {
    const packed = await pack(raw);
    this.#members.push({ offset: this.#size, ...member });
    this.#packed.push(packed);
    this.#size += packed.byteLength;
  }
}

/**
 * The entries of one member or several in a row.
 * @throws {LogsError} INTERNAL when it is not gzip, or not these entries
 */
export async function decodeMembers(content: Uint8Array, first: number, last: number): Promise<Batch> {
  let text: string;
  try {
    text = (await unpack(content)).toString();
  } catch (cause) {
    throw new LogsError('INTERNAL', `the archived entries ${first}–${last} cannot be unpacked`, { cause });
  }
  const lines = text.split('\n');
  lines.pop();
  if (lines.length !== last - first + 1)
    throw new LogsError('INTERNAL', `an archived object has ${lines.length} entries for ${first}–${last}`);
  return new Batch(
    first,
    lines.map((line, at) => withoutIndex(line, first + at)),
  );
}

/** A line as the store has it. */
function withoutIndex(line: string, index: number): string {
  const front = `{"index":${index}`;
  if (!line.startsWith(front) || line.length < front.length + 1)
    throw new LogsError('INTERNAL', `the archived entry ${index} is another one`);
  return line.charAt(front.length) === ',' ? `{${line.slice(front.length + 1)}` : '{}';
}

function summaryOf(lines: readonly string[]): Pick<Member, 'from' | 'to' | 'levels'> {
  let from = Infinity;
  let to = -Infinity;
  const levels: Record<string, number> = {};
  for (const line of lines) {
    const { timestamp, level } = JSON.parse(line) as { timestamp?: string; level?: string };
    if (level !== undefined) levels[level] = (levels[level] ?? 0) + 1;
    const at = Date.parse(timestamp ?? '');
    if (Number.isNaN(at)) continue;
    if (at < from) from = at;
    // A Date drops what is finer than a millisecond.
    if (at + 1 > to) to = at + 1;
  }
  return from <= to ? { from, to, levels } : { from: 0, to: 0, levels };
}
