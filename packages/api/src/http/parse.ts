import type { PipeTransform } from '@nestjs/common';
import type { ErrorDetail, Moment, StreamId, StreamKind } from '@kubidu/contracts';
import { Id, Ingest, LIMITS, ReadLogs, StreamName, momentAt } from '@kubidu/contracts';
import { LogsError, TimeRange } from '@kubidu/core';
import { compile, QueryError } from '@kubidu/query';
import type { Query } from '@kubidu/query';
import { z } from 'zod';

/** Details of one error: enough to correct a request, few enough to read. */
const MOST_DETAILS = 20;

/** The value as the schema wants it. @throws {LogsError} INVALID_ARGUMENT whose details name each field */
export function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value, {
    error: (issue) => (issue.input === undefined ? 'is missing' : undefined),
  });
  if (parsed.success) return parsed.data;
  const details = new Map(parsed.error.issues.flatMap(detailsOf).map((detail) => [detail.field, detail]));
  throw invalid([...details.values()].slice(0, MOST_DETAILS));
}

/** INVALID_ARGUMENT in words, with its details. */
export function invalid(details: readonly ErrorDetail[]): LogsError {
  const [first] = details;
  const where = first
    ? `${first.field === '' ? 'the request' : first.field} ${first.message}`
    : 'the request is malformed';
  return new LogsError('INVALID_ARGUMENT', where, { details });
}

function detailsOf(issue: z.core.$ZodIssue): ErrorDetail[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ field: pathOf([...issue.path, key.slice(0, 100)]), message: 'is not known' }));
  return [{ field: pathOf(issue.path), message: wordsOf(issue.message) }];
}

/** `entries[3].timestamp`. */
function pathOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, '');
}

/** Behind a field's name: `must be …`, where zod says `Invalid input: expected …`. */
function wordsOf(message: string): string {
  return message.replace(/^(?:Invalid input|Invalid option|Too big|Too small|Invalid string): expected /, 'must be ');
}

/** Validates a controller's parameter. */
export class Parsed<T> implements PipeTransform<unknown, T> {
  /** What `/api/docs` shows of it. */
  readonly schema: z.ZodType<T>;

  constructor(schema: z.ZodType<T>) {
    this.schema = schema;
  }

  transform(value: unknown): T {
    return parse(this.schema, value);
  }
}

/** Reads the query of a page. */
export class PageQuery extends Parsed<ReadLogs> {
  constructor() {
    super(ReadLogs);
  }
}

/** The query that was asked for, or undefined where it lets everything pass. @throws {LogsError} INVALID_ARGUMENT with the column */
export function parseQuery(text: string | undefined): Query | undefined {
  if (text === undefined) return undefined;
  try {
    const query = compile(text);
    return query.everything ? undefined : query;
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    const { column, message } = error;
    throw invalid([{ field: 'query', message: `is wrong at column ${column}: ${message}`, column }]);
  }
}

/** The range of time that was asked for, or undefined where it was none. @throws {LogsError} INVALID_ARGUMENT */
export function parseTime({ since, until }: AskedTime, nowMs: number): TimeRange | undefined {
  if (since === undefined && until === undefined) return undefined;
  const bounds = {
    since: since === undefined ? undefined : momentAt(since, nowMs),
    until: until === undefined ? undefined : momentAt(until, nowMs),
  };
  const range = new TimeRange(bounds);
  if (range.isEmpty) throw invalid([{ field: 'until', message: 'must be later than `since`' }]);
  return range;
}

/** A range of time as it is asked for. */
interface AskedTime {
  readonly since?: Moment | undefined;
  readonly until?: Moment | undefined;
}

/** Reads the body of an ingest. @throws {LogsError} PAYLOAD_TOO_LARGE for too many entries, before looking at them */
export class IngestBody implements PipeTransform<unknown, Ingest> {
  readonly schema = Ingest;

  transform(body: unknown): Ingest {
    if (countOf(body) > LIMITS.ingestEntries)
      throw new LogsError('PAYLOAD_TOO_LARGE', `more than ${LIMITS.ingestEntries} entries at once`);
    return parse(Ingest, body);
  }
}

function countOf(body: unknown): number {
  const entries: unknown = typeof body === 'object' && body !== null && 'entries' in body ? body.entries : undefined;
  return Array.isArray(entries) ? entries.length : 0;
}

/** Reads a `:stream` of a path. */
export class StreamParam implements PipeTransform<string, StreamId> {
  readonly schema = StreamName;

  transform(name: string): StreamId {
    return parse(z.object({ stream: StreamName }), { stream: name }).stream;
  }
}

/** Reads the `:id` of a path as a stream of one kind. */
export class IdParam implements PipeTransform<string, StreamId> {
  readonly schema = Id;
  readonly #kind: StreamKind;

  constructor(kind: StreamKind) {
    this.#kind = kind;
  }

  transform(id: string): StreamId {
    return `${this.#kind}:${parse(z.object({ id: Id }), { id }).id}`;
  }
}
