import type { ArchiveObjects } from './archive-objects.ts';
import type { GramFilter } from './gram-filter.ts';
import { decodeIndex } from './object-index.ts';
import type { ObjectIndex, ReadIndex } from './object-index.ts';
import { indexNameOf } from './object-name.ts';
import type { ArchivedObject } from './object-name.ts';
import { SizedCache } from './sized-cache.ts';

/** Bytes of an index file that are read where its filters are not needed: the line before them seldom has more. */
const HEAD = 64 * 1024;
const CACHED_MEMBERS = 50_000;
const CACHED_FILTER_BYTES = 64 * 1024 * 1024;

/** Reads what lies beside objects. Keeps the lines of indexes of up to 50,000 members, and up to 64 MiB of filters. */
export class IndexReader {
  readonly #objects: ArchiveObjects;
  readonly #indexes = new SizedCache<ObjectIndex>(CACHED_MEMBERS, ({ members }) => members.length);
  readonly #filters = new SizedCache<readonly GramFilter[]>(CACHED_FILTER_BYTES, sizeOf);

  constructor(objects: ArchiveObjects) {
    this.#objects = objects;
  }

  /** An object's index, with filters where they are wanted and there are any; undefined where it has none of use. */
  async read(object: ArchivedObject, wantsFilters: boolean): Promise<ReadIndex | undefined> {
    const index = this.#indexes.get(object.name);
    const filters = this.#filters.get(object.name);
    if (index && (!wantsFilters || filters || index.version === 1)) return { index, ...(filters && { filters }) };
    return this.#fetch(object, wantsFilters);
  }

  /** The whole of it, for one who does not ask again: nothing is kept. */
  async readOnce(object: ArchivedObject): Promise<ReadIndex | undefined> {
    const content = await this.#objects.get(indexNameOf(object.name));
    return content && decodeIndex(content, object.size);
  }

  async #fetch(object: ArchivedObject, wantsFilters: boolean): Promise<ReadIndex | undefined> {
    const name = indexNameOf(object.name);
    const head = wantsFilters ? undefined : { offset: 0, length: HEAD };
    const content = await this.#objects.get(name, head);
    const read = content && decodeIndex(content, object.size);
    if (!read) return content?.length === HEAD && head ? this.#fetch(object, true) : undefined;
    this.#indexes.set(object.name, read.index);
    if (read.filters) this.#filters.set(object.name, read.filters);
    return read;
  }
}

function sizeOf(filters: readonly GramFilter[]): number {
  return filters.reduce((sum, { size }) => sum + size, 0);
}
