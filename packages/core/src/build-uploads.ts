import type { Uploaded } from '@kubidu/contracts';

/** What is known of an upload without reading it. */
export interface UploadInfo {
  /** The only tenant that may build it; absent where it is nobody's in particular. */
  readonly tenant?: string;
  readonly bytes: number;
}

/** Archives that wait for their build: each for one build, and for a day at most. */
export interface BuildUploads extends AsyncDisposable {
  /** Most bytes of one archive. */
  readonly maxBytes: number;
  /**
   * Keeps an archive; of one that cannot be kept whole nothing stays.
   * @throws {LogsError} PAYLOAD_TOO_LARGE beyond `maxBytes`, UNAVAILABLE; whatever reading the archive throws
   */
  put(archive: AsyncIterable<Uint8Array>, tenant?: string): Promise<Uploaded>;
  /** What is known of it; undefined where there is none (any more). @throws {LogsError} UNAVAILABLE */
  find(upload: string): Promise<UploadInfo | undefined>;
  /** Its bytes, in order. Reading throws {@link LogsError} NOT_FOUND where there is none (any more), UNAVAILABLE. */
  read(upload: string): AsyncIterable<Uint8Array>;
  /** Forgets it; one that is not there is no error. @throws {LogsError} UNAVAILABLE */
  remove(upload: string): Promise<void>;
}

/** How long an upload waits for its build, in milliseconds: a day. */
export const KEEP_UPLOADS_MS = 86_400_000;
