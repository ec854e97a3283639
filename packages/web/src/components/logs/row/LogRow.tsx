import type { LogEntry } from '@kubidu/contracts';
import { highlights } from '@kubidu/query/lazy';
import type { Query } from '@kubidu/query/lazy';
import { number } from '@kubidu/text';
import { memo } from 'react';

import { hasFields } from './field-tree.ts';
import { FieldTree } from './FieldTree.tsx';
import { LineIndex } from './LineIndex.tsx';
import { LineTime } from './LineTime.tsx';
import { LineText } from './LineText.tsx';
import { SystemDivider } from './LogDivider.tsx';
import { PodChip } from './PodChip.tsx';
import { shownLine } from './shown-line.ts';
import type { TimeFormat } from './time-format.ts';

/** What of a row opens and closes: the rest of a long line, its fields, the lines of the trace that it begins. */
export type RowPart = 'line' | 'fields' | 'trace';

/**
 * All of what a row shows. A row keeps nothing itself: what is open is the list's to know, since rows come and go while
 * one scrolls. Rows are memoised, so everything here should stay the same object for as long as it says the same.
 */
export interface LogRowProps {
  readonly entry: LogEntry;
  /** How its time is written, as `timeFormat` makes it: one for the whole list. */
  readonly time: TimeFormat;
  /** The time now in milliseconds since 1970, for relative times only: it draws the row anew whenever it changes. */
  readonly nowMs?: number;
  /** What is searched for, which is marked in the text. Default: nothing. */
  readonly query?: Query | undefined;
  /** Whether a long line goes on below instead of to the right. Default false. */
  readonly wrap?: boolean;
  /** Whether this is the line that the address or the search points at. Default false. */
  readonly pointed?: boolean;
  /** Whether it says which pod wrote it, or which container of it too. Default: neither. */
  readonly source?: 'none' | 'pod' | 'container';
  /** Whether all of a long line is shown, below each other whatever `wrap` says. Default false. */
  readonly lineOpen?: boolean;
  /** Whether the fields of a structured line are shown below it. Default false. */
  readonly fieldsOpen?: boolean;
  /** How many lines belong to the trace that begins here, this one not counted. Default 0: it begins none. */
  readonly traceLines?: number;
  /** Whether those lines are shown; the list shows them, not the row. Default false. */
  readonly traceOpen?: boolean;
  /** The reader opens or closes a part of the row with this index. */
  readonly onToggle?: ((part: RowPart, index: number) => void) | undefined;
  /** The reader wants to see only what matches `term`, a term of the query language. */
  readonly onFilter?: ((term: string) => void) | undefined;
}

/** One line of a log, or one divider where the system says something. Draws nothing outside of itself, whatever the line is. */
export const LogRow = memo(function LogRow(props: LogRowProps) {
  const { entry, time, nowMs = 0, pointed = false, source = 'none' } = props;
  const { level, podName } = entry;
  const shownTime = time(entry.timestamp, nowMs);
  if (entry.stream === 'system') return <SystemDivider entry={entry} time={shownTime} pointed={pointed} />;
  return (
    <div className={classes(props)} data-index={entry.index}>
      <LineIndex index={entry.index} />
      {shownTime !== '' && <LineTime timestamp={entry.timestamp} shown={shownTime} />}
      {source !== 'none' && podName !== undefined && (
        <PodChip podName={podName} container={source === 'container' ? entry.container : undefined} />
      )}
      <span className="log-level">{level}</span>
      <Message {...props} />
    </div>
  );
});

function classes({ entry: { level }, wrap, pointed, lineOpen, fieldsOpen }: LogRowProps): string {
  let names = level === undefined ? 'log-row' : `log-row log-${level.toLowerCase()}`;
  if (wrap || lineOpen) names += ' log-wrap';
  if (fieldsOpen) names += ' log-open';
  return pointed ? `${names} log-pointed` : names;
}

function Message(props: LogRowProps) {
  const { entry, query, lineOpen = false, fieldsOpen = false, onToggle, onFilter } = props;
  const line = shownLine(entry, lineOpen);
  return (
    <div className="log-message">
      {onToggle && (fieldsOpen || hasFields(entry)) && (
        <button
          type="button"
          className="log-expand"
          aria-expanded={fieldsOpen}
          aria-label={`Fields of line ${entry.index}`}
          onClick={() => onToggle('fields', entry.index)}
        />
      )}
      <bdi className="log-text" dir="ltr">
        <LineText line={line} marks={query && highlights(query, line.text)} />
      </bdi>
      <Actions {...props} wholeBytes={line.wholeBytes} />
      {fieldsOpen && <FieldTree entry={entry} onFilter={onFilter} />}
    </div>
  );
}

interface ActionsProps extends LogRowProps {
  readonly wholeBytes: number | undefined;
}

/** What stands behind a message: how much of it is missing, and what opens the rest. Nothing behind most. */
function Actions({ entry, wholeBytes, lineOpen = false, traceLines = 0, traceOpen = false, onToggle }: ActionsProps) {
  const { truncated, index } = entry;
  const long = onToggle && (lineOpen || wholeBytes !== undefined);
  const trace = onToggle && traceLines > 0;
  if (truncated === undefined && !long && !trace) return null;
  return (
    <span className="log-actions">
      {truncated !== undefined && <span className="log-cut">{`${number(truncated)} bytes cut`}</span>}
      {long && (
        <button type="button" className="log-more" aria-expanded={lineOpen} onClick={() => onToggle('line', index)}>
          {lineOpen ? 'show less' : `show whole line (${sizeText(wholeBytes ?? 0)})`}
        </button>
      )}
      {trace && (
        <button type="button" className="log-more" aria-expanded={traceOpen} onClick={() => onToggle('trace', index)}>
          {`${traceOpen ? 'hide' : 'show'} trace (${number(traceLines)} ${traceLines === 1 ? 'line' : 'lines'})`}
        </button>
      )}
    </span>
  );
}

/** `5.2 KiB`, `256 KiB`. */
function sizeText(bytes: number): string {
  const kib = bytes / 1_024;
  return kib < 10 ? `${kib.toFixed(1)} KiB` : `${Math.round(kib)} KiB`;
}
