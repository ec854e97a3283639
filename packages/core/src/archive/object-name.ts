import { idOf, kindOf } from '@kubidu/contracts';
import type { StreamId } from '@kubidu/contracts';

import type { ListedObject } from './archive-objects.ts';

const DIGITS = 12;
const DATA = /^(.*\/)(\d{4}-\d\d-\d\d)\/(\d{12})-(\d{12})\.jsonl\.gz$/;

/** An object of entries, as its name tells it. */
export interface ArchivedObject {
  /** Whole name of the data; its index lies beside it. */
  readonly name: string;
  /** `YYYY-MM-DD`, UTC: when it was written, or when what it was merged from was. */
  readonly day: string;
  readonly first: number;
  readonly last: number;
  /** Bytes, compressed. */
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly writtenAt: number;
}

/** What the names of all objects of a stream begin with. */
export const prefixOf = (stream: StreamId): string => `logs/${kindOf(stream)}/${idOf(stream)}/`;

/** Name of the record of a stream's end. */
export const finalNameOf = (stream: StreamId): string => `${prefixOf(stream)}final.json`;

/** The day of a moment in milliseconds since 1970. */
export const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** Name of the data of a range of entries. Listing order is index order: days go on, and so do indexes. */
export function dataNameOf(stream: StreamId, day: string, first: number, last: number): string {
  return `${prefixOf(stream)}${day}/${padded(first)}-${padded(last)}.jsonl.gz`;
}

/** Name of the index beside an object of entries. */
export const indexNameOf = (dataName: string): string => dataName.replace(/\.jsonl\.gz$/, '.idx');

/** What a listed name stands for; undefined for what is no object of entries. */
export function parseObject({ name, size, writtenAt }: ListedObject): ArchivedObject | undefined {
  const [, , day = '', first, last] = DATA.exec(name) ?? [];
  const object = { name, day, first: Number(first), last: Number(last), size, writtenAt };
  return object.first >= 1 && object.first <= object.last ? object : undefined;
}

function padded(index: number): string {
  return String(index).padStart(DIGITS, '0');
}
