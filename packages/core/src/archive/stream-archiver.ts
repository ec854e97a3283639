import type { StreamId, StreamInfo } from '@kubidu/contracts';

import { LOST_ROOM } from '../log-store.ts';
import type { LogStore } from '../log-store.ts';
import { surplusThrough } from './archive-progress.ts';
import type { ArchiveProgress } from './archive-progress.ts';
import type { LogArchive, PackedObject } from './log-archive.ts';
import { NextObject } from './next-object.ts';

/** Objects of a stream after which merging is looked at. */
export const MERGE_EVERY = 12;

/** What it works with; all of it stays its owner's. */
export interface StreamArchiverOptions {
  /** The hot store. */
  readonly store: LogStore;
  readonly archive: LogArchive;
  readonly observer: {
    /** Entries left the store before they could be archived. */
    lost(stream: StreamId, entries: number): void;
  };
}

/** What an archiver does with one stream. Holds two objects of it, compressed, and of its entries a page and a few members. */
export class StreamArchiver {
  readonly #options: StreamArchiverOptions;

  constructor(options: StreamArchiverOptions) {
    this.#options = options;
  }

  /**
   * Archives what is new, where that is due, and trims the hot store behind what is confirmed.
   * @param keep bytes of the stream that stay in the hot store
   * @throws {LogsError} UNAVAILABLE while the store or the archive is away; what was confirmed is in `progress`
   */
  async archive(info: StreamInfo, progress: ArchiveProgress, keep: number, signal: AbortSignal): Promise<void> {
    const { stream } = info;
    const { archive } = this.#options;
    if (progress.unsure) await this.#makeSure(stream, progress);
    if (progress.through < 0) {
      const { lastIndex, final } = await archive.range(stream, 0);
      progress.through = lastIndex;
      progress.finished = final !== undefined;
    }
    if (progress.writes) await this.#write(info, progress, signal);
    if (signal.aborted) return;
    await this.#trim(info, progress, keep);
    if (!progress.finished) await this.#finish(info, progress);
    if (progress.written < MERGE_EVERY) return;
    await archive.merge(stream, signal);
    progress.written = 0;
  }

  /** Where a write that failed was done all the same, and the store has since let go of what it wrote: that is not lost. */
  async #makeSure(stream: StreamId, progress: ArchiveProgress): Promise<void> {
    const { archive, store } = this.#options;
    if ((await store.head(stream)).firstIndex <= progress.through + 1) return;
    const { lastIndex } = await archive.range(stream, 0);
    if (lastIndex <= progress.through) return;
    const [next] = await archive.read(stream, { after: progress.through, limit: 1 });
    this.#tellMissing(stream, (next?.first ?? lastIndex + 1) - progress.through - 1);
    progress.through = lastIndex;
  }

  /**
   * Archives up to the last entry, or a little further. While an object is packed the one before it is written: one after
   * the other, so that what is archived has no hole whatever fails.
   */
  async #write({ stream, lastIndex }: StreamInfo, progress: ArchiveProgress, signal: AbortSignal): Promise<void> {
    const { store, archive } = this.#options;
    let writing: Promise<void> | undefined;
    for (let after = progress.through; after < lastIndex && !signal.aborted;) {
      const object = new NextObject(store, stream, after);
      const packing = archive.pack(stream, object);
      await Promise.allSettled([packing, writing]);
      await writing;
      const packed = await packing;
      after = packed?.last ?? lastIndex;
      writing = this.#confirm(stream, progress, object, after, packed);
    }
    await writing;
    if (progress.through >= lastIndex) progress.behindSince = undefined;
  }

  /** Writes an object, of which there may be none, and takes note that everything `through` an index is archived or gone. */
  async #confirm(
    stream: StreamId,
    progress: ArchiveProgress,
    object: NextObject,
    through: number,
    packed: PackedObject | undefined,
  ): Promise<void> {
    progress.unsure = true;
    await packed?.write();
    progress.unsure = false;
    if (!object.expired) this.#tellMissing(stream, (object.first ?? through + 1) - progress.through - 1);
    progress.through = through;
    progress.written++;
  }

  /** A store that lost its data leaves room behind what it may have had: no entries were there. */
  #tellMissing(stream: StreamId, missing: number): void {
    if (missing > 0) this.#options.observer.lost(stream, missing < LOST_ROOM ? missing : missing - LOST_ROOM);
  }

  /** Behind what is confirmed only. Sizes differ from line to line: what is too much after it goes the next time. */
  async #trim(info: StreamInfo, { through }: ArchiveProgress, keep: number): Promise<void> {
    if (info.bytes <= keep) return;
    await this.#options.store.trim(info.stream, { through: Math.min(through, surplusThrough(info, keep)) });
  }

  async #finish(
    { stream, firstIndex, lastIndex, lastAt, ended }: StreamInfo,
    progress: ArchiveProgress,
  ): Promise<void> {
    if (!ended || lastIndex > progress.through) return;
    const { archive } = this.#options;
    const held = await archive.range(stream, Infinity);
    const begins = held.lastIndex > 0 ? Math.min(held.firstIndex, firstIndex) : firstIndex;
    await archive.finish(stream, { ...ended, firstIndex: begins, lastIndex, endedAt: lastAt });
    progress.finished = true;
  }
}
