import type { LogEntry } from '@kubidu/contracts';
import { highlights } from '@kubidu/query';
import type { Query } from '@kubidu/query';
import { number } from '@kubidu/text';
import { memo } from 'react';

import { LineIndex } from './LineIndex.tsx';
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
  const { entry, time, nowMs = 0, pointed = false, wrap = false, source = 'none' } = props;
  const { level, podName } = entry;
  const shownTime = time(entry.timestamp, nowMs);
  if (entry.stream === 'system') return <SystemDivider entry={entry} time={shownTime} pointed={pointed} />;
  return (
    <div className={classes(entry, wrap || props.lineOpen === true, pointed)} data-index={entry.index}>
      <LineIndex index={entry.index} />
      {shownTime !== '' && (
        <time className="log-time" dateTime={entry.timestamp} title={entry.timestamp}>
          {shownTime}
        </time>
      )}
      {source !== 'none' && podName !== undefined && (
        <PodChip podName={podName} container={source === 'container' ? entry.container : undefined} />
      )}
      <span className="log-level">{level}</span>
      <Message {...props} />
    </div>
  );
});

function classes({ level, stream }: LogEntry, wrap: boolean, pointed: boolean): string {
  let names = level === undefined ? 'log-row' : `log-row log-${level.toLowerCase()}`;
  if (stream === 'stderr') names += ' log-stderr';
  if (wrap) names += ' log-wrap';
  return pointed ? `${names} log-pointed` : names;
}

function Message({ entry, query, lineOpen = false, onToggle, traceLines = 0, traceOpen = false }: LogRowProps) {
  const line = shownLine(entry, lineOpen);
  const long = line.wholeBytes !== undefined || lineOpen;
  return (
    <span className="log-message">
      <bdi className="log-text" dir="ltr">
        <LineText line={line} marks={query && highlights(query, line.text)} />
      </bdi>
      {entry.truncated !== undefined && <span className="log-cut">{`${number(entry.truncated)} bytes cut`}</span>}
      {long && onToggle && (
        <button
          type="button"
          className="log-more"
          aria-expanded={lineOpen}
          onClick={() => onToggle('line', entry.index)}
        >
          {lineOpen ? 'show less' : `show whole line (${sizeText(line.wholeBytes ?? 0)})`}
        </button>
      )}
      {traceLines > 0 && onToggle && (
        <button
          type="button"
          className="log-more"
          aria-expanded={traceOpen}
          onClick={() => onToggle('trace', entry.index)}
        >
          {traceOpen ? 'hide trace' : `trace, ${number(traceLines)} ${traceLines === 1 ? 'line' : 'lines'}`}
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
