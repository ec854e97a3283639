import type { LogEvent } from '@kubidu/contracts';
import type { SourceLine, SourceWriter } from '@kubidu/core';

/** One call of a writer, as it lies in the spool: a line of JSON. */
export type SpoolRecord =
  | {
      readonly lines: readonly SourceLine[];
      readonly cursor: string;
      readonly stream?: 'stdout' | 'stderr';
      readonly step?: number;
    }
  | { readonly event: LogEvent; readonly cursor: string; readonly timestamp: string };

/** Longest message characters of one record, so that it is read back in one piece: one message is never divided. */
const RECORD_CHARACTERS = 256 * 1024;

/** Lines in runs that make one record each, in order. */
export function* recordsOf(lines: readonly SourceLine[]): Generator<readonly SourceLine[]> {
  let from = 0;
  let characters = 0;
  for (const [at, { message }] of lines.entries()) {
    if (at > from && characters + message.length > RECORD_CHARACTERS) {
      yield lines.slice(from, at);
      from = at;
      characters = 0;
    }
    characters += message.length;
  }
  if (from < lines.length) yield lines.slice(from);
}

/** Makes the call that the record stands for. */
export function replay(record: SpoolRecord, writer: SourceWriter): void {
  if ('event' in record) writer.event(record.event, record.cursor, record.timestamp);
  else writer.lines(record.lines, record.cursor, record.stream, record.step);
}
