import { GramFilter } from './gram-filter.ts';
import type { FilterParts } from './gram-filter.ts';

/** What an index tells of one gzip member: consecutive entries that can be fetched and unpacked by themselves. */
export interface Member {
  /** Where it begins in the object, in bytes; it ends where the next one begins. */
  readonly offset: number;
  /** Index of its first entry; its last is before the next one's first. */
  readonly first: number;
  /** Earliest and latest timestamp of its entries, in whole milliseconds since 1970 that enclose them; 0 where none can be read. */
  readonly from: number;
  readonly to: number;
  /** How many entries it has of each level; those without one are under no name. */
  readonly levels: Readonly<Record<string, number>>;
  /** Bytes of the two parts of its filter: words, numbers. Not in version 1. */
  readonly filter?: readonly [word: number, number: number];
}

/** The first line of what lies beside an object, as JSON: `<first>-<last>.idx`. The filters follow it. */
export interface ObjectIndex {
  /** 1 or 2. A reader that does not know the version reads the object as a whole. */
  readonly version: number;
  readonly first: number;
  readonly last: number;
  /** Bytes of the object: an index that tells another number is of another writing, and of no use. */
  readonly size: number;
  /** Bytes of the lines before compression, line feeds included. */
  readonly rawSize: number;
  readonly members: readonly Member[];
}

/** An index as it was read. */
export interface ReadIndex {
  readonly index: ObjectIndex;
  /** One for each member; absent in version 1, and where only the beginning was read. */
  readonly filters?: readonly GramFilter[];
}

/** The version that is written; version 1 had no filters. */
export const INDEX_VERSION = 2;
const LINE_FEED = 10;

/** The index in its bytes: the line, then the filters of its members, one behind the other. */
export function encodeIndex(index: ObjectIndex, filters: readonly FilterParts[]): Uint8Array {
  const line = Buffer.from(`${JSON.stringify(index)}\n`);
  return Buffer.concat([line, ...filters.flatMap(({ word, number }) => [word, number])]);
}

/**
 * The index of an object of `size` bytes, of all of its bytes or the first ones; undefined for what is none, of another
 * version, or cut off within its line.
 */
export function decodeIndex(content: Uint8Array, size: number): ReadIndex | undefined {
  const end = content.indexOf(LINE_FEED);
  if (end < 0) return undefined;
  try {
    const index = JSON.parse(new TextDecoder().decode(content.subarray(0, end))) as ObjectIndex;
    const isKnown = index.version === 1 || index.version === INDEX_VERSION;
    if (!isKnown || index.size !== size || index.members.length === 0) return undefined;
    const filters = filtersOf(index, content.subarray(end + 1));
    return { index, ...(filters && { filters }) };
  } catch {
    return undefined;
  }
}

function filtersOf({ members }: ObjectIndex, bytes: Uint8Array): GramFilter[] | undefined {
  const filters: GramFilter[] = [];
  let at = 0;
  for (const { filter } of members) {
    if (!filter) return undefined;
    const [words, numbers] = filter;
    const end = at + words + numbers;
    if (end > bytes.length) return undefined;
    filters.push(new GramFilter({ word: bytes.subarray(at, at + words), number: bytes.subarray(at + words, end) }));
    at = end;
  }
  return filters;
}
