import { STREAM_KINDS, streamId } from '@kubidu/contracts';
import type { StreamId, StreamInfo, StreamKind } from '@kubidu/contracts';

import type { Clock } from '../clock.ts';
import type { ArchiveObjects } from './archive-objects.ts';
import type { ArchiveListRange } from './log-archive.ts';
import { SizedCache } from './sized-cache.ts';

/** How long a list of names is good enough. */
const AGE_MS = 60_000;
/** Names of one list, and of all that are kept. */
const NAMES = 100_000;
const KEPT = 200_000;

/** Streams described at once. */
const AT_ONCE = 8;

interface Listed {
  readonly asOf: number;
  readonly streams: readonly StreamId[];
}

/** The names of an archive's streams. A list is asked for once at a time, however many want it, and kept for a minute. */
export class StreamNames {
  readonly #objects: ArchiveObjects;
  readonly #clock: Clock;
  readonly #kept = new SizedCache<Listed>(KEPT, ({ streams }) => streams.length + 1);
  readonly #asked = new Map<string, Promise<readonly StreamId[]>>();

  constructor(objects: ArchiveObjects, clock: Clock) {
    this.#objects = objects;
    this.#clock = clock;
  }

  /**
   * One page, in the order of names. Of no more streams than fill it `describe` is asked; it says undefined of one that is
   * gone meanwhile. @throws {LogsError} UNAVAILABLE
   */
  async list(
    { kind, prefix = '', after = '' as StreamId, through, besides, limit }: ArchiveListRange,
    describe: (stream: StreamId) => Promise<StreamInfo | undefined>,
  ): Promise<StreamInfo[]> {
    const kinds = kind ? [kind] : [...STREAM_KINDS].sort();
    const all = (await Promise.all(kinds.map((one) => this.#names(one, prefix)))).flat();
    const names = all.filter(
      (name) => name > after && !besides.has(name) && (through === undefined || name <= through),
    );
    const page: StreamInfo[] = [];
    for (let at = 0; at < names.length && page.length < limit; at += AT_ONCE) {
      const described = await Promise.all(names.slice(at, at + AT_ONCE).map(describe));
      page.push(...described.filter((info) => info !== undefined));
    }
    return page.slice(0, limit);
  }

  #names(kind: StreamKind, prefix: string): Promise<readonly StreamId[]> {
    const path = `logs/${kind}/${prefix}`;
    const kept = this.#kept.get(path);
    if (kept && this.#clock.now() - kept.asOf <= AGE_MS) return Promise.resolve(kept.streams);
    let asked = this.#asked.get(path);
    if (!asked) {
      asked = this.#ask(path, kind, prefix).finally(() => this.#asked.delete(path));
      this.#asked.set(path, asked);
    }
    return asked;
  }

  async #ask(path: string, kind: StreamKind, prefix: string): Promise<readonly StreamId[]> {
    const asOf = this.#clock.now();
    const folders = await this.#objects.folders(path, NAMES);
    const streams = folders
      .map((folder) => streamId(kind, prefix + folder.slice(0, -1)))
      .filter((stream) => stream !== undefined)
      // Not the order of the folders, whose names end in `/`: `a-b/` comes before `a/`.
      .sort();
    this.#kept.set(path, { asOf, streams });
    return streams;
  }
}
