import { LEVELS } from '@kubidu/contracts';
import { useRef, useState } from 'react';
import type { PointerEvent } from 'react';

import type { LogModel, LogSnapshot } from './model/log-model.ts';
import { sumOf } from './model/level-counts.ts';
import type { Bar } from './model/level-counts.ts';

/** Most bars. */
const BARS = 120;
const WIDTH = 1_000;
const HEIGHT = 40;
/** Where bars stand: below is what is at hand. */
const GROUND = 36;
/** Least height of what matches: a few among millions are what one looks for. */
const LEAST_MATCH = 5;

export interface LogHistogramProps {
  readonly model: LogModel;
  readonly snapshot: LogSnapshot;
  /** Somebody chose a stretch of time, in milliseconds since 1970. */
  readonly onChoose: (from: number, to: number) => Promise<void>;
}

/** How many lines of which level were written when, in the whole history; one drags over it to see only those. */
export function LogHistogram({ model, snapshot: { search }, onChoose }: LogHistogramProps) {
  const box = useRef<SVGSVGElement>(null);
  const [drag, setDrag] = useState<{ from: number; to: number }>();
  const bars = model.histogram.bars(BARS);
  const [first, last] = [bars[0], bars.at(-1)];
  if (first === undefined || last === undefined) return null;
  const span = last.to - first.from;
  const most = Math.max(...bars.map(({ counts }) => sumOf(counts)));
  const x = (time: number) => ((Math.min(Math.max(time, first.from), last.to) - first.from) / span) * WIDTH;
  const timeAt = ({ clientX }: PointerEvent) => {
    const { left, width } = (box.current as SVGSVGElement).getBoundingClientRect();
    return first.from + Math.min(1, Math.max(0, (clientX - left) / width)) * span;
  };
  const matches = search?.counts.barsOf(first.to - first.from);
  const total = bars.reduce((sum, { counts }) => sum + sumOf(counts), 0);
  const label = labelOf({ from: first.from, to: last.to, total, most, complete: model.histogram.complete });
  return (
    <svg
      ref={box}
      className="log-histogram"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        setDrag({ from: timeAt(event), to: timeAt(event) });
      }}
      onPointerMove={(event) => drag && setDrag({ ...drag, to: timeAt(event) })}
      onPointerUp={() => {
        if (drag && drag.from !== drag.to)
          onChoose(Math.min(drag.from, drag.to), Math.max(drag.from, drag.to)).catch(reportError);
        setDrag(undefined);
      }}
    >
      <title>{`${label}. The line below them is what is loaded. Drag to see only a part.`}</title>
      <g className={matches === undefined ? undefined : 'log-bars-behind'}>
        {bars.map((bar) => (
          <Stack key={bar.from} bar={bar} x={x(bar.from)} width={widthOf(x(bar.from), x(bar.to))} most={most} />
        ))}
      </g>
      {matches?.map(({ from, to, counts }) => {
        const height = Math.min(GROUND, Math.max(LEAST_MATCH, (sumOf(counts) / most) * GROUND));
        return (
          <rect
            key={from}
            className="log-bar-match"
            x={x(from)}
            y={GROUND - height}
            width={widthOf(x(from), x(to))}
            height={height}
          />
        );
      })}
      {model.loadedTimes().map(({ from, to }) => (
        <rect
          key={from}
          className="log-bar-loaded"
          x={x(from)}
          y={HEIGHT - 2}
          width={Math.max(2, x(to) - x(from))}
          height={2}
        />
      ))}
      {drag && (
        <rect
          className="log-brush"
          x={x(Math.min(drag.from, drag.to))}
          width={Math.abs(x(drag.to) - x(drag.from))}
          height={HEIGHT}
        />
      )}
    </svg>
  );
}

/** What has no level below, then from the least to the most severe. */
function Stack({ bar, x, width, most }: { bar: Bar; x: number; width: number; most: number }) {
  let y = GROUND;
  return [LEVELS.length, ...LEVELS.keys()].map((place) => {
    const count = bar.counts[place] ?? 0;
    if (count === 0) return null;
    const height = Math.max(1, (count / most) * GROUND);
    y -= height;
    const level = LEVELS[place]?.toLowerCase() ?? 'none';
    return <rect key={place} className={`log-bar-${level}`} x={x} y={y} width={width} height={height} />;
  });
}

/** A bar leaves a gap to the next one. */
function widthOf(from: number, to: number): number {
  return Math.max(1, to - from - 1);
}

interface Labelled {
  readonly from: number;
  readonly to: number;
  readonly total: number;
  readonly most: number;
  readonly complete: boolean;
}

function labelOf({ from, to, total, most, complete }: Labelled): string {
  const isOneDay = new Date(from).toDateString() === new Date(to).toDateString();
  const [begin, end] = [from, to].map((time) => momentText(time, isOneDay));
  const lines = `${n(total)} ${total === 1 ? 'line' : 'lines'}${complete ? '' : ', of which older ones are not counted'}`;
  return `Lines over time, ${begin} to ${end}: ${lines}, at most ${n(most)} in a bar`;
}

function momentText(time: number, isOneDay: boolean): string {
  const date = new Date(time);
  const clock = date.toLocaleTimeString('en-GB');
  return isOneDay ? clock : `${date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })} ${clock}`;
}

function n(value: number): string {
  return value.toLocaleString('en');
}
