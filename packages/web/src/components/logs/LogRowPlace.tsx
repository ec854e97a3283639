import type { Query } from '@kubidu/query/lazy';

import type { LogView } from './log-view.ts';
import type { LogModel } from './model/log-model.ts';
import { indexOf } from './model/row-space.ts';
import type { Row } from './model/row-space.ts';
import type { OpenParts } from './open-parts.ts';
import { GapDivider } from './row/LogDivider.tsx';
import { LogRow } from './row/LogRow.tsx';
import type { RowPart } from './row/LogRow.tsx';
import type { TimeFormat } from './row/time-format.ts';
import type { PlacedRow } from './use-log-rows.ts';

export interface LogRowPlaceProps extends RowContentProps {
  readonly placed: PlacedRow;
  /** Measures the row's height, where rows differ in it. */
  readonly measure: ((row: HTMLElement | null) => void) | undefined;
}

/** A row where it belongs. */
export function LogRowPlace({ placed: { place, start }, measure, ...content }: LogRowPlaceProps) {
  const { row } = content;
  return (
    <div
      ref={start === undefined ? undefined : measure}
      data-row={place}
      data-at={indexOf(row)}
      data-entry={row.is === 'entry' ? row.index : undefined}
      className="log-place"
      style={{ transform: `translateY(${start === undefined ? '-100%' : `${start}px`})` }}
    >
      <RowContent {...content} />
    </div>
  );
}

interface RowContentProps {
  readonly row: Row;
  readonly model: LogModel;
  readonly open: OpenParts;
  readonly time: TimeFormat;
  readonly view: LogView;
  readonly nowMs: number;
  readonly query: Query | undefined;
  /** Whether traces fold here. */
  readonly folds: boolean;
  readonly onToggle: (part: RowPart, index: number) => void;
  readonly onFilter: (term: string) => void;
}

function RowContent({ row, model, open, time, view, nowMs, query, folds, onToggle, onFilter }: RowContentProps) {
  if (row.is === 'hole') return <GapDivider {...row} />;
  if (row.is === 'unsearched') return <div className="log-absent">Looking through earlier lines…</div>;
  const entry = model.entry(row.index);
  if (entry === undefined) return <div className="log-absent">{row.index}</div>;
  return (
    <LogRow
      entry={entry}
      time={time}
      nowMs={nowMs}
      query={query}
      wrap={view.wrap}
      pointed={view.line === row.index}
      source={sourceShown(model)}
      lineOpen={open.has('line', row.index)}
      fieldsOpen={open.has('fields', row.index)}
      traceLines={folds ? traceLines(model, row.index) : 0}
      traceOpen={open.has('trace', row.index)}
      onToggle={onToggle}
      onFilter={onFilter}
    />
  );
}

/** How many lines fold under a row. */
function traceLines({ traces }: LogModel, index: number): number {
  const trace = traces.at(index);
  return trace?.head === index ? trace.lines : 0;
}

/** A chip says whose a line is where there is more than one to choose from. */
function sourceShown(model: LogModel): 'none' | 'pod' | 'container' {
  const { counts } = model.window.cache;
  const named = (facet: 'pod' | 'container') => counts.of(facet).size - (counts.of(facet).has('') ? 1 : 0);
  if (named('container') > 1) return 'container';
  return named('pod') > 1 ? 'pod' : 'none';
}
