import { RingFile } from './ring-file.ts';
import type { SpoolRecord } from './spool-record.ts';

interface Waiting {
  readonly text: string;
  readonly bytes: number;
  readonly lines: number;
}

/** How a spool is set up. */
export interface SpoolOptions {
  /** Where its file lies; must exist. */
  readonly folder: string;
  /** Bytes on disk. What comes beyond them is dropped and counted. */
  readonly maxBytes: number;
}

/** Bytes beyond the bound that only events may take, so that steps are known even where their lines are not. */
const RESERVED_BYTES = 1024 * 1024;
/** Bytes on their way to the disk beyond which `settled` waits. */
const WAITING_BYTES = 1024 * 1024;
const PIECE_BYTES = 256 * 1024;
const MIB = 1024 * 1024;

/**
 * Records on disk, first in first out. Once it is full, lines are dropped until half of it is free again, and one `lost`
 * event with their number stands in their place. Holds at most a few MiB in memory, whatever it holds on disk.
 */
export class Spool {
  readonly #options: SpoolOptions;
  #ring: RingFile | undefined;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #writing: Promise<void> | undefined;
  #dropped = 0;
  #droppedAt = '';
  /** The disk took no more: everything is dropped until the spool is empty. */
  #broken = false;

  constructor(options: SpoolOptions) {
    this.#options = options;
  }

  get isEmpty(): boolean {
    return this.#writing === undefined && (this.#ring?.unreadBytes ?? 0) === 0 && this.#dropped === 0;
  }

  /** @param lines how many are lost with it where it is dropped @param timestamp RFC 3339 */
  put(record: SpoolRecord, lines: number, timestamp: string): void {
    const waiting = waitingOf(record, lines);
    const used = (this.#ring?.unreadBytes ?? 0) + this.#waitingBytes;
    const { maxBytes } = this.#options;
    const most = 'event' in record ? maxBytes + RESERVED_BYTES : this.#dropped > 0 ? maxBytes / 2 : maxBytes;
    if (this.#broken || used + waiting.bytes > most) {
      if (this.#dropped === 0) this.#droppedAt = timestamp;
      this.#dropped += lines;
      return;
    }
    const lost = this.#takeLost(record.cursor);
    if (lost) this.#add(waitingOf(lost, 0));
    this.#add(waiting);
  }

  /** Resolves once little is on its way to the disk. */
  async settled(): Promise<void> {
    while (this.#waitingBytes > WAITING_BYTES && this.#writing) await this.#writing;
  }

  /** The next records; none once it is empty. Waits for the disk. @param cursor of what tells a loss */
  async take(cursor: string): Promise<readonly SpoolRecord[]> {
    while (this.#writing && !this.#ring?.unreadBytes) await this.#writing;
    if (this.#ring?.unreadBytes) return this.#read(this.#ring);
    const lost = this.#takeLost(cursor);
    this.#broken = false;
    return lost ? [lost] : [];
  }

  /** Gives the disk its room back; only when it is empty. What is put while that goes on comes to a new file. */
  async clear(): Promise<void> {
    const ring = this.#ring;
    this.#ring = undefined;
    await ring?.[Symbol.asyncDispose]();
  }

  /** Drops what is in it. Idempotent; never throws. */
  async close(): Promise<void> {
    while (this.#writing) await this.#writing;
    await this.clear().catch(() => undefined);
  }

  #takeLost(cursor: string): SpoolRecord | undefined {
    if (this.#dropped === 0) return undefined;
    const lines = this.#dropped;
    this.#dropped = 0;
    const size = Math.max(1, Math.round(this.#options.maxBytes / MIB));
    const what = this.#broken ? 'the spool could not be written' : `the spool of ${size} MiB was full`;
    return {
      event: { type: 'lost', lines, reason: `the store was away and ${what}` },
      cursor,
      timestamp: this.#droppedAt,
    };
  }

  #add(waiting: Waiting): void {
    this.#waiting.push(waiting);
    this.#waitingBytes += waiting.bytes;
    this.#writing ??= this.#write();
  }

  /** Never rejects. */
  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      const bytes = Buffer.from(batch.map(({ text }) => text).join(''));
      try {
        this.#ring ??= await RingFile.open(this.#options.folder, this.#options.maxBytes + 2 * RESERVED_BYTES);
        await this.#ring.append(bytes);
      } catch {
        this.#broken = true;
        if (this.#dropped === 0) this.#droppedAt = new Date().toISOString();
        this.#dropped += batch.reduce((sum, { lines }) => sum + lines, 0);
      }
      this.#waitingBytes -= batch.reduce((sum, waiting) => sum + waiting.bytes, 0);
    }
    this.#writing = undefined;
  }

  async #read(ring: RingFile): Promise<readonly SpoolRecord[]> {
    for (let size = PIECE_BYTES; ; size *= 2) {
      const piece = await ring.peek(size);
      const end = piece.lastIndexOf('\n') + 1;
      if (end === 0) continue;
      ring.skip(end);
      const lines = piece.toString('utf8', 0, end - 1).split('\n');
      return lines.map((line) => JSON.parse(line) as SpoolRecord);
    }
  }
}

function waitingOf(record: SpoolRecord, lines: number): Waiting {
  const text = `${JSON.stringify(record)}\n`;
  return { text, bytes: Buffer.byteLength(text), lines };
}
