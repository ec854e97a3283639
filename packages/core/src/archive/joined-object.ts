import type { EncodedObject } from './object-codec.ts';
import type { FilterParts } from './gram-filter.ts';
import { INDEX_VERSION } from './object-index.ts';
import type { Member } from './object-index.ts';

/** Objects one behind the other, as one: their members are copied as they are, never packed anew. */
export class JoinedObject {
  readonly #members: Member[] = [];
  readonly #filters: FilterParts[] = [];
  #content: Buffer;
  #first = 0;
  #last = 0;
  #size = 0;
  #rawSize = 0;

  /** @param size bytes, compressed, that it will have, about: more than that make a copy */
  constructor(size: number) {
    this.#content = Buffer.allocUnsafeSlow(size);
  }

  /** @param object entries that come next to those before */
  add({ content, index, filters }: EncodedObject): void {
    const size = this.#size + content.length;
    if (size > this.#content.length) this.#content = Buffer.concat([this.#content], size);
    this.#content.set(content, this.#size);
    for (const member of index.members) this.#members.push({ ...member, offset: this.#size + member.offset });
    this.#filters.push(...filters);
    this.#first ||= index.first;
    this.#last = index.last;
    this.#size = size;
    this.#rawSize += index.rawSize;
  }

  /** What was added, as one. */
  end(): EncodedObject {
    const [first, last, size, rawSize] = [this.#first, this.#last, this.#size, this.#rawSize];
    return {
      content: this.#content.subarray(0, size),
      index: { version: INDEX_VERSION, first, last, size, rawSize, members: this.#members },
      filters: this.#filters,
    };
  }
}
