import type { GapReason, Outcome, StreamId } from '@kubidu/contracts';
import type { DeploymentRecord, Head, Owner } from '@kubidu/core';
import { open } from 'lmdb';
import type { Database, RootDatabase } from 'lmdb';

/** What a stream's entry in the table of streams holds. Times are milliseconds since 1970. */
export interface Meta {
  first: number;
  last: number;
  bytes: number;
  fence: number;
  createdAt: number;
  lastAt: number;
  ended?: Outcome;
  endedAt?: number;
  gone?: GapReason;
  /** Number of the next id taken. */
  ids: number;
}

/** Where a source stopped. */
interface Cursor {
  readonly writer: string;
  readonly sequence: number;
  readonly cursor: string;
}

/** Who owns a service, and when it claimed it last, in milliseconds since 1970. */
export interface OwnerSeen extends Owner {
  readonly seenAt: number;
}

/** The tables of a store, all in one file: a transaction spans them. */
export interface Tables {
  readonly root: RootDatabase;
  readonly metas: Database<Meta, StreamId>;
  /** By the index of the last entry, so the batch that holds index n is the first at or after n: `<when stored> LF <lines>` */
  readonly batches: Database<string, [StreamId, number]>;
  readonly cursors: Database<Cursor, [StreamId, string]>;
  /** Ids taken, and the order in which they were. */
  readonly ids: Database<number, [StreamId, string]>;
  readonly idOrder: Database<string, [StreamId, number]>;
  /** By service. */
  readonly owners: Database<OwnerSeen, string>;
  /** By id, and the ids of each service. */
  readonly deployments: Database<DeploymentRecord, string>;
  readonly deploymentsOf: Database<true, [string, string]>;
}

/** Opens or creates the tables in a folder. */
export function openTables(path: string): Tables {
  // A commit is on disk when it is acknowledged; those that come together share one.
  const root = open({ path, maxDbs: 8, overlappingSync: false, commitDelay: 0 });
  return {
    root,
    metas: root.openDB({ name: 'streams', encoding: 'json' }),
    batches: root.openDB({ name: 'batches', encoding: 'string', compression: true }),
    cursors: root.openDB({ name: 'cursors', encoding: 'json' }),
    ids: root.openDB({ name: 'ids', encoding: 'json' }),
    idOrder: root.openDB({ name: 'id-order', encoding: 'string' }),
    owners: root.openDB({ name: 'owners', encoding: 'json' }),
    deployments: root.openDB({ name: 'deployments', encoding: 'json' }),
    deploymentsOf: root.openDB({ name: 'deployments-of', encoding: 'json' }),
  };
}

/** The head that a stream's meta tells. */
export function headOf(meta: Meta | undefined): Head {
  if (!meta) return { firstIndex: 1, lastIndex: 0 };
  const { first, last, ended, gone } = meta;
  return { firstIndex: first, lastIndex: last, ...(ended && { ended }), ...(gone && { gone }) };
}

/** The first of a range; no more of it is read. */
export function firstOf<T>(range: Iterable<T>): T | undefined {
  for (const item of range) return item;
  return undefined;
}
