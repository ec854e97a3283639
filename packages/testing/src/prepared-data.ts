import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { encodeEntry, eventMessage } from '@kubidu/core';
import type { DeploymentRecord } from '@kubidu/core';
import type { LogEvent, NewEntry, Outcome, StreamId } from '@kubidu/contracts';
import { openLmdbStore } from '@kubidu/store-lmdb';

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

  /** @param hotBytes what the server's `KUBIDU_HOT_BYTES` will be, absent where that is: more than it is not kept here */
  static async create(
    streams: readonly PreparedStream[],
    deployments: readonly DeploymentRecord[],
    hotBytes?: number,
  ): Promise<PreparedData> {
    const folder = await mkdtemp(join(tmpdir(), 'kubidu-data-'));
    const options = { path: join(folder, 'streams'), ...(hotBytes !== undefined && { maxBytesPerStream: hotBytes }) };
    await using lmdb = await openLmdbStore(options);
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
