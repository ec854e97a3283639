import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { encodeEntry, eventMessage } from '@kubidu/core';
import type { DeploymentRecord } from '@kubidu/core';
import type { LogEvent, NewEntry, Outcome, StreamId } from '@kubidu/contracts';
import { openLmdbStore } from '@kubidu/store-lmdb';

/** What a server keeps of each stream unless it is told otherwise. */
const HOT_BYTES = 256 * 1024 * 1024;

/** What a stream holds before the server starts. */
export interface PreparedStream {
  readonly stream: StreamId;
  readonly entries: readonly NewEntry[];
  readonly ended?: Outcome;
}

/**
 * The data folder of an embedded server, with what cannot be sent to it from outside: builds, releases, containers that
 * came and went. For `KUBIDU_DATA_DIR` of a server that starts afterwards. Whoever prepares it disposes of it, last.
 */
export class PreparedData implements AsyncDisposable {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** @param hotBytes `KUBIDU_HOT_BYTES` of the server that will have it: more than that is not kept of a stream */
  static async create(
    streams: readonly PreparedStream[],
    deployments: readonly DeploymentRecord[],
    hotBytes = HOT_BYTES,
  ): Promise<PreparedData> {
    const folder = await mkdtemp(join(tmpdir(), 'kubidu-data-'));
    await using lmdb = await openLmdbStore({ path: join(folder, 'streams'), maxBytesPerStream: hotBytes });
    for (const { stream, entries, ended } of streams) {
      for (let from = 0; from < entries.length; from += 1_000)
        await lmdb.store.append(stream, entries.slice(from, from + 1_000).map(encodeEntry));
      if (ended !== undefined) await lmdb.store.end(stream, ended);
    }
    for (const record of deployments) await lmdb.deployments.create(record);
    return new PreparedData(folder);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** A system entry as the product writes it: its message says the event in words. */
export function systemEntry(timestamp: string, event: LogEvent, from: Partial<NewEntry> = {}): NewEntry {
  return { timestamp, message: eventMessage(event), stream: 'system', event, ...from };
}
