import type { StreamId, StreamInfo } from '@kubidu/contracts';

import type { ArchiveObjects } from './archive-objects.ts';
import { coverOf } from './cover.ts';
import type { Segment } from './cover.ts';
import type { FinalRecord } from './log-archive.ts';
import { dayOf, finalNameOf, parseObject, prefixOf } from './object-name.ts';
import type { ArchivedObject } from './object-name.ts';

/** What a stream has in the archive, as of one moment. */
export interface ArchiveListing {
  /** When it was asked for, in milliseconds since 1970. */
  readonly asOf: number;
  /** Up to where it reaches, or there is nothing to be had: whoever listed knew of entries up to here. */
  readonly reaching: number;
  readonly objects: readonly ArchivedObject[];
  readonly cover: readonly Segment[];
  /** Whether there is a record of the stream's end. */
  readonly final: boolean;
}

/** What a listing is asked for with. */
export interface Asked {
  readonly asOf: number;
  readonly reaching: number;
}

/** Lists what there is of a stream. @throws {LogsError} UNAVAILABLE */
export async function listStream(
  objects: ArchiveObjects,
  stream: StreamId,
  { asOf, reaching }: Asked,
): Promise<ArchiveListing> {
  const listed = await objects.list(prefixOf(stream));
  const found = listed.map(parseObject).filter((object) => object !== undefined);
  const finalName = finalNameOf(stream);
  const cover = coverOf(found);
  const final = listed.some(({ name }) => name === finalName);
  return { asOf, reaching: Math.max(reaching, cover.at(-1)?.to ?? 0), objects: found, cover, final };
}

/** Index of the last entry listed; 0 where there is none. */
export function lastOf({ cover }: ArchiveListing): number {
  return cover.at(-1)?.to ?? 0;
}

/** A stream as it is listed that has this in the archive; undefined where it has nothing. */
export function infoOf(
  stream: StreamId,
  listing: ArchiveListing,
  final: FinalRecord | undefined,
): StreamInfo | undefined {
  const objects = [...new Set(listing.cover.map(({ object }) => object))];
  const [first] = objects;
  if (!first && !final) return undefined;
  const endedAt = final && Date.parse(final.endedAt);
  const lastAt = endedAt ?? Math.max(...objects.map(({ writtenAt }) => writtenAt));
  const { status, exitCode } = final ?? {};
  return {
    ...{ stream, firstIndex: listing.cover[0]?.from ?? 1, lastIndex: lastOf(listing) },
    bytes: objects.reduce((sum, { size }) => sum + size, 0),
    createdAt: new Date(first ? begunAt(first) : lastAt).toISOString(),
    lastAt: new Date(lastAt).toISOString(),
    ...(status !== undefined && { ended: { status, ...(exitCode !== undefined && { exitCode }) } }),
  };
}

/** What was merged is younger than its first part, whose day it keeps. */
function begunAt({ day, writtenAt }: ArchivedObject): number {
  return dayOf(writtenAt) === day ? writtenAt : Date.parse(day);
}
