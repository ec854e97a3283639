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
}

/** What lies beside an object, as JSON: `<first>-<last>.idx`. */
export interface ObjectIndex {
  /** 1. A reader that does not know the version reads the object as a whole. */
  readonly version: number;
  readonly first: number;
  readonly last: number;
  /** Bytes of the object: an index that tells another number is of another writing, and of no use. */
  readonly size: number;
  /** Bytes of the lines before compression, line feeds included. */
  readonly rawSize: number;
  readonly members: readonly Member[];
}

/** The version that is written. */
export const INDEX_VERSION = 1;

/** The index in its bytes. */
export function encodeIndex(index: ObjectIndex): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(index)}\n`);
}

/** The index of an object of `size` bytes; undefined for what is none, or of another version. */
export function decodeIndex(content: Uint8Array, size: number): ObjectIndex | undefined {
  try {
    const index = JSON.parse(new TextDecoder().decode(content)) as ObjectIndex;
    return index.version === INDEX_VERSION && index.size === size && index.members.length > 0 ? index : undefined;
  } catch {
    return undefined;
  }
}
