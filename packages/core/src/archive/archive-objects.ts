/** An object as it is listed. */
export interface ListedObject {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** When it was written, in milliseconds since 1970. */
  readonly writtenAt: number;
}

/** A part of an object, in bytes. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/**
 * Where an archive keeps its objects: a bucket or a folder. Names are paths of letters, digits, `.`, `_` and `-`, joined
 * by `/`. Whatever resolved is seen by everybody who asks afterwards.
 *
 * Every method throws {@link LogsError} UNAVAILABLE while it is away.
 */
export interface ArchiveObjects extends AsyncDisposable {
  /**
   * Writes an object whole or not at all, unless there is one of that name: objects never change. Where the place cannot
   * tell, it is written again; that is harmless, since a name stands for its content.
   */
  put(name: string, content: Uint8Array): Promise<void>;
  /** The object or a part of it; undefined where there is none. */
  get(name: string, range?: ByteRange): Promise<Uint8Array | undefined>;
  /** Every object whose name begins so, in the order of names. */
  list(prefix: string): Promise<ListedObject[]>;
  /**
   * What names that begin with `prefix` go on with up to the next `/`, that included, each once and in order; the first
   * `most` of them, default all.
   */
  folders(prefix: string, most?: number): Promise<string[]>;
  /** Removes objects; those that are not there do not matter. */
  remove(names: readonly string[]): Promise<void>;
}
