import { kindOf, streamId, STREAM_KINDS } from '@kubidu/contracts';
import type { StreamId, StreamInfo } from '@kubidu/contracts';

import { Batch } from '../batch.ts';
import { systemClock } from '../clock.ts';
import type { Clock } from '../clock.ts';
import { LogsError } from '../logs-error.ts';
import type { ArchiveObjects } from './archive-objects.ts';
import { infoOf, lastOf, listStream } from './archive-listing.ts';
import type { ArchiveListing } from './archive-listing.ts';
import { shadowed } from './cover.ts';
import type {
  ArchivedRange,
  ArchiveListRange,
  ArchiveReadRange,
  FinalRecord,
  LogArchive,
  PackedObject,
  Sifted,
} from './log-archive.ts';
import { nextMerge } from './merge-plan.ts';
import { mergedObject } from './merged-object.ts';
import { ObjectEncoder } from './object-codec.ts';
import type { EncodedObject } from './object-codec.ts';
import { encodeIndex } from './object-index.ts';
import { dataNameOf, dayOf, finalNameOf, indexNameOf, prefixOf } from './object-name.ts';
import type { ArchivedObject } from './object-name.ts';
import { ObjectGone, ObjectReader } from './object-reader.ts';
import { walkObjects } from './object-walk.ts';
import { SizedCache } from './sized-cache.ts';
import { StreamNames } from './stream-names.ts';

/** Objects of all listings that are kept. */
const LISTED = 200_000;
const FINALS = 10_000;
/** How old a stream's objects may be known where it is listed. */
const LISTED_FOR_MS = 60_000;
const DAY_MS = 86_400_000;
/** How often a read lists anew because objects were merged under it. */
const TRIES = 8;

/** A {@link LogArchive} in objects, laid out as docs/reference/archive-layout.md says. Owns the place where they are. */
export class ObjectLogArchive implements LogArchive {
  readonly #objects: ArchiveObjects;
  readonly #clock: Clock;
  readonly #reader: ObjectReader;
  readonly #names: StreamNames;
  readonly #listings = new SizedCache<ArchiveListing>(LISTED, ({ objects }) => objects.length + 1);
  readonly #finals = new SizedCache<FinalRecord>(FINALS, () => 1);

  constructor(objects: ArchiveObjects, clock: Clock = systemClock) {
    this.#objects = objects;
    this.#clock = clock;
    this.#reader = new ObjectReader(objects);
    this.#names = new StreamNames(objects, clock);
  }

  async write(stream: StreamId, batches: Iterable<Batch> | AsyncIterable<Batch>): Promise<number | undefined> {
    const packed = await this.pack(stream, batches);
    await packed?.write();
    return packed?.last;
  }

  async pack(stream: StreamId, batches: Iterable<Batch> | AsyncIterable<Batch>): Promise<PackedObject | undefined> {
    let encoder: ObjectEncoder | undefined;
    let next = 0;
    for await (const batch of batches) {
      encoder ??= new ObjectEncoder((next = batch.first));
      if (batch.first !== next) throw new LogsError('INTERNAL', `${stream}: batches to archive leave a hole`);
      await encoder.add(batch);
      next = batch.last + 1;
    }
    if (!encoder) return undefined;
    const finishing = encoder.finish();
    // Whoever writes it learns of it.
    finishing.catch(() => undefined);
    return {
      last: next - 1,
      write: async () => {
        await this.#put(stream, dayOf(this.#clock.now()), await finishing);
        this.#listings.delete(stream);
      },
    };
  }

  async read(stream: StreamId, range: ArchiveReadRange): Promise<readonly Batch[]> {
    const { parts } = await this.sift(stream, { ...range, sieve: undefined });
    return parts.filter((part) => part instanceof Batch);
  }

  async sift(stream: StreamId, range: ArchiveReadRange): Promise<Sifted> {
    let listing = await this.#listing(stream, Infinity, range.reaching);
    for (let tries = 1; ; tries++) {
      try {
        return await walkObjects(this.#reader, listing.cover, range);
      } catch (error) {
        if (!(error instanceof ObjectGone)) throw error;
        if (tries >= TRIES) throw new LogsError('UNAVAILABLE', 'archived objects change too fast', { cause: error });
        listing = await this.#list(stream, listing.reaching);
      }
    }
  }

  async range(stream: StreamId, maxAgeMs: number, reaching?: number): Promise<ArchivedRange> {
    const listing = await this.#listing(stream, maxAgeMs, reaching);
    const final = listing.final ? await this.#final(stream) : undefined;
    return { firstIndex: listing.cover[0]?.from ?? 1, lastIndex: lastOf(listing), ...(final && { final }) };
  }

  list(range: ArchiveListRange): Promise<readonly StreamInfo[]> {
    return this.#names.list(range, async (stream) => {
      const listing = await this.#listing(stream, LISTED_FOR_MS);
      return infoOf(stream, listing, listing.final ? await this.#final(stream) : undefined);
    });
  }

  async finish(stream: StreamId, final: FinalRecord): Promise<void> {
    await this.#objects.put(finalNameOf(stream), Buffer.from(`${JSON.stringify(final)}\n`));
    this.#listings.delete(stream);
  }

  async merge(stream: StreamId, signal: AbortSignal): Promise<void> {
    let listing = await this.#list(stream);
    const left = shadowed(listing.objects);
    if (left.length > 0) await this.#remove(stream, left);
    for (;;) {
      const parts = nextMerge(listing.cover);
      if (!parts || signal.aborted) return;
      await this.#mergeParts(stream, parts);
      listing = await this.#list(stream);
    }
  }

  async expire(before: number, signal: AbortSignal): Promise<void> {
    for (const kind of STREAM_KINDS)
      for (const folder of await this.#objects.folders(`logs/${kind}/`)) {
        const stream = streamId(kind, folder.slice(0, -1));
        if (signal.aborted) return;
        if (stream) await this.#expireStream(stream, before);
      }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#objects[Symbol.asyncDispose]();
  }

  /** The index first: an object that is there has one. */
  async #put(stream: StreamId, day: string, { content, index, filters }: EncodedObject): Promise<string> {
    const name = dataNameOf(stream, day, index.first, index.last);
    await this.#objects.put(indexNameOf(name), encodeIndex(index, filters));
    await this.#objects.put(name, content);
    return name;
  }

  async #mergeParts(stream: StreamId, parts: readonly ArchivedObject[]): Promise<void> {
    const [first] = parts;
    if (!first) return;
    await this.#put(stream, first.day, await mergedObject(this.#reader, parts));
    await this.#remove(stream, parts);
  }

  async #remove(stream: StreamId, objects: readonly ArchivedObject[]): Promise<void> {
    // Where this is cut short, an index without an object is left, which nobody asks for, and never the reverse.
    await this.#objects.remove(objects.map(({ name }) => name));
    await this.#objects.remove(objects.map(({ name }) => indexNameOf(name)));
    this.#listings.delete(stream);
  }

  async #expireStream(stream: StreamId, before: number): Promise<void> {
    if (kindOf(stream) === 'runtime') await this.#expireObjects(stream, before);
    else await this.#expireEnded(stream, before);
    this.#listings.delete(stream);
  }

  /**
   * An object is written on its day or, merged, after it: on days after `before` there is nothing to look for, and of a day
   * that is over everything goes. Else what was merged is younger than what follows it, which then waits: so that what is
   * left begins somewhere, without a hole.
   */
  async #expireObjects(stream: StreamId, before: number): Promise<void> {
    for (const folder of await this.#objects.folders(prefixOf(stream))) {
      const day = folder.slice(0, -1);
      if (day > dayOf(before)) return;
      const listed = await this.#objects.list(`${prefixOf(stream)}${folder}`);
      const isOver = Date.parse(day) + DAY_MS <= before;
      const young = isOver ? -1 : listed.findIndex(({ writtenAt }) => writtenAt >= before);
      const old = young < 0 ? listed : listed.slice(0, young);
      if (old.length > 0) await this.#objects.remove(old.map(({ name }) => name));
      if (young >= 0) return;
    }
  }

  async #expireEnded(stream: StreamId, before: number): Promise<void> {
    const final = await this.#final(stream);
    if (!final || !(Date.parse(final.endedAt) < before)) return;
    const names = (await this.#objects.list(prefixOf(stream))).map(({ name }) => name);
    // The record last: without it nobody would know that the rest may go.
    await this.#objects.remove(names.filter((name) => name !== finalNameOf(stream)));
    await this.#objects.remove([finalNameOf(stream)]);
    this.#finals.delete(stream);
  }

  /** A listing that is young enough and reaches far enough. */
  async #listing(stream: StreamId, maxAgeMs: number, reaching = 0): Promise<ArchiveListing> {
    const held = this.#listings.get(stream);
    const young = held && this.#clock.now() - held.asOf <= maxAgeMs;
    return young && held.reaching >= reaching ? held : this.#list(stream, reaching);
  }

  async #list(stream: StreamId, reaching = 0): Promise<ArchiveListing> {
    const listing = await listStream(this.#objects, stream, { asOf: this.#clock.now(), reaching });
    this.#listings.set(stream, listing);
    return listing;
  }

  async #final(stream: StreamId): Promise<FinalRecord | undefined> {
    const held = this.#finals.get(stream);
    if (held) return held;
    const content = await this.#objects.get(finalNameOf(stream));
    if (!content) return undefined;
    const final = JSON.parse(new TextDecoder().decode(content)) as FinalRecord;
    this.#finals.set(stream, final);
    return final;
  }
}
