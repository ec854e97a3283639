import { useCallback, useImperativeHandle, useMemo, useRef, useState } from 'react';
import type { Dispatch, MouseEvent, ReactNode, Ref, RefObject, SetStateAction, UIEventHandler } from 'react';

import { CopyNotice } from './CopyNotice.tsx';
import { LogRail } from './LogRail.tsx';
import { LogRowPlace } from './LogRowPlace.tsx';
import { without } from './log-actions.ts';
import type { LogListHandle } from './log-list-handle.ts';
import type { LogView } from './log-view.ts';
import type { LogModel } from './model/log-model.ts';
import { indexOf } from './model/row-space.ts';
import { OpenParts } from './open-parts.ts';
import type { RowPart } from './row/LogRow.tsx';
import { timeFormat } from './row/time-format.ts';
import { useCopy } from './use-copy.ts';
import type { Copying } from './use-copying.ts';
import { useFoldedRows } from './use-folded-rows.ts';
import { useHeldRows } from './use-held-rows.ts';
import { useKeptPlace } from './use-kept-place.ts';
import { useLogSnapshot } from './use-log-model.ts';
import { useLogRows } from './use-log-rows.ts';
import type { LogRowsLayout } from './use-log-rows.ts';

export interface LogListProps {
  readonly model: LogModel;
  readonly view: LogView;
  readonly nowMs: number;
  readonly onViewChange: (view: LogView) => void;
  readonly onFilter: (term: string) => void;
  readonly copying: Copying;
  readonly handle: Ref<LogListHandle>;
}

/** The lines of a log: those in sight, wherever in the log that is. Never moves what one reads or selects. */
export function LogList({ model, view, nowMs, onViewChange, onFilter, copying, handle }: LogListProps) {
  const snapshot = useLogSnapshot(model);
  const { rows, search, paused, last } = snapshot;
  const scroller = useRef<HTMLDivElement>(null);
  const { holding, pinned } = useHeldRows(scroller);
  const [open, setOpen] = useState(() => new OpenParts());
  const { estimate, isFolded, version } = useFoldedRows(model, snapshot, open);
  const following = view.follow && !holding && !paused;
  const setFollow = (follow: boolean) => {
    if (follow !== view.follow) onViewChange(follow ? { ...without(view, ['line']), follow } : { ...view, follow });
  };
  const onSee = useCallback((first: number, end: number) => model.see(first, end, pinned), [model, pinned]);
  const layout = useLogRows({ rows, scroller, following, pinned, estimate, onSee, onEnd: setFollow });
  const onToggle = useToggle(setOpen, layout);
  const time = useMemo(() => timeFormat(view.timestamps), [view.timestamps]);
  const fresh = useFresh(last, following);
  const measure = view.wrap || open.any ? layout.measure : undefined;
  const { reveal } = layout;
  useCopy(scroller, rows, copying.copy);
  const keepPlace = useKeptPlace(snapshot, view, version, layout);
  useListHandle(handle, scroller, layout);
  const onScroll: UIEventHandler<HTMLDivElement> = (event) => {
    layout.onScroll(event);
    keepPlace();
  };
  const common = { model, open, time, view, onToggle, onFilter, query: search?.query, folds: !snapshot.filtered };
  return (
    <div className="log-body">
      <Scroller {...{ scroller, view, onViewChange }} height={layout.height} onScroll={onScroll}>
        {layout.items
          .filter(({ row }) => row < rows.length && !isFolded(indexOf(rows.at(row))))
          .map((placed) => (
            <LogRowPlace
              key={placed.key}
              {...{ placed, measure, ...common }}
              row={rows.at(placed.row)}
              nowMs={view.timestamps === 'relative' ? nowMs : 0}
            />
          ))}
      </Scroller>
      <LogRail
        rows={rows}
        first={layout.first}
        onMove={(place, atEnd) => {
          setFollow(atEnd);
          if (!atEnd) reveal(indexOf(rows.at(place)), 0);
        }}
      />
      {fresh > 0 && (
        <button type="button" className="log-pill" onClick={() => setFollow(true)}>
          {fresh.toLocaleString('en')} new {fresh === 1 ? 'line' : 'lines'} ↓
        </button>
      )}
      <CopyNotice {...copying} />
    </div>
  );
}

interface ScrollerProps {
  readonly scroller: Ref<HTMLDivElement>;
  readonly view: LogView;
  readonly onViewChange: (view: LogView) => void;
  readonly height: number;
  readonly onScroll: UIEventHandler<HTMLDivElement>;
  readonly children: ReactNode;
}

function Scroller({ scroller, view, onViewChange, height, onScroll, children }: ScrollerProps) {
  const onClick = (event: MouseEvent) => {
    const link = event.target instanceof Element && event.target.closest('a.log-index');
    if (!link || event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    const line = Number(link.getAttribute('href')?.slice(2));
    onViewChange(view.line === line ? without(view, ['line']) : { ...view, line, follow: false });
  };
  return (
    <div
      ref={scroller}
      id="log-lines"
      className="log-scroller"
      role="log"
      aria-label="Lines"
      // 5,000 lines a second are not to be read out; the status says how it goes.
      aria-live="off"
      // What scrolls has to be reachable by keyboard alone.
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      onScroll={onScroll}
    >
      {/* The links within are what one operates; this only keeps their address to ourselves. */}
      {/* eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-static-element-interactions */}
      <div className={view.wrap ? 'log-canvas log-wrapped' : 'log-canvas'} style={{ height }} onClick={onClick}>
        {children}
      </div>
    </div>
  );
}

function useListHandle(
  handle: Ref<LogListHandle>,
  scroller: RefObject<HTMLDivElement | null>,
  { reveal, top }: LogRowsLayout,
): void {
  useImperativeHandle(handle, () => ({
    show: (index) => {
      const there = scroller.current?.querySelector(`[data-entry="${index}"]`);
      if (!there || !isSeen(there, scroller.current)) reveal(index);
    },
    center: (index) => reveal(index),
    top: () => top()?.index,
    focus: () => scroller.current?.focus({ preventScroll: true }),
  }));
}

/** Opens and closes parts of rows; what lies below moves, and may. */
function useToggle(
  setOpen: Dispatch<SetStateAction<OpenParts>>,
  { letGo }: LogRowsLayout,
): (part: RowPart, index: number) => void {
  return useCallback(
    (part, index) => {
      letGo();
      setOpen((parts) => parts.toggled(part, index));
    },
    [setOpen, letGo],
  );
}

/** How many lines came since one last saw the end. */
function useFresh(last: number, following: boolean): number {
  const [seenTo, setSeenTo] = useState(last);
  if (following && seenTo !== last) setSeenTo(last);
  return following ? 0 : Math.max(0, last - seenTo);
}

function isSeen(row: Element, scroller: Element | null): boolean {
  const [inner, outer] = [row.getBoundingClientRect(), scroller?.getBoundingClientRect()];
  return outer !== undefined && inner.top >= outer.top && inner.bottom <= outer.bottom;
}
