import { useRef } from 'react';
import type { KeyboardEvent, PointerEvent } from 'react';

import { indexOf } from './model/row-space.ts';
import type { RowSpace } from './model/row-space.ts';

/** Least height of the thumb, in parts of the rail. */
const LEAST = 0.04;

export interface LogRailProps {
  readonly rows: RowSpace;
  /** The first row in sight. */
  readonly first: number;
  /** Somebody wants to see from a row on; or the end. */
  readonly onMove: (row: number, atEnd: boolean) => void;
}

/**
 * Where in the whole log one reads: a scroll bar over all rows, however many. A browser's own ends at the height that it
 * can lay out.
 */
export function LogRail({ rows, first, onMove }: LogRailProps) {
  const rail = useRef<HTMLDivElement>(null);
  const { length } = rows;
  const part = length <= 1 ? 1 : first / (length - 1);
  const move = (event: PointerEvent) => {
    const box = rail.current?.getBoundingClientRect();
    if (box === undefined || length === 0) return;
    const at = Math.min(1, Math.max(0, (event.clientY - box.top) / box.height));
    onMove(Math.min(length - 1, Math.floor(at * length)), at > 0.99);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowUp: -1, ArrowDown: 1, PageUp: -40, PageDown: 40, Home: -length, End: length }[event.key];
    if (by === undefined || length === 0) return;
    event.preventDefault();
    const row = Math.min(length - 1, Math.max(0, first + by));
    onMove(row, row === length - 1);
  };
  if (length === 0) return null;
  return (
    <div
      ref={rail}
      className="log-rail"
      role="scrollbar"
      aria-label="Place in the log"
      aria-orientation="vertical"
      aria-controls="log-lines"
      aria-valuemin={1}
      aria-valuemax={length}
      aria-valuenow={Math.min(length, first + 1)}
      aria-valuetext={`line ${indexOf(rows.at(Math.min(first, length - 1)))}`}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onPointerDown={(event) => {
        event.preventDefault();
        event.currentTarget.setPointerCapture(event.pointerId);
        move(event);
      }}
      onPointerMove={(event) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId)) move(event);
      }}
    >
      <div className="log-thumb" style={{ top: `${part * (1 - LEAST) * 100}%`, height: `${LEAST * 100}%` }} />
    </div>
  );
}
