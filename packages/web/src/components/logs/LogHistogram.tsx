import { LEVELS } from '@kubidu/contracts';
import { useRef } from 'react';
import type { PointerEvent } from 'react';

import type { LogModel, LogSnapshot } from './model/log-model.ts';
import { sumOf } from './model/level-counts.ts';
import type { Bar } from './model/level-counts.ts';
import { useBrush } from './use-brush.ts';

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
  const bars = model.histogram.bars(BARS);
  const [begin = 0, end = 0] = [bars[0]?.from, bars.at(-1)?.to];
  const timeAt = ({ clientX }: PointerEvent) => {
    const { left, width } = (box.current as SVGSVGElement).getBoundingClientRect();
    return begin + Math.min(1, Math.max(0, (clientX - left) / width)) * (end - begin);
  };
  const { choice, listeners } = useBrush(timeAt, onChoose);
  const [first] = bars;
  if (first === undefined) return null;
  const most = Math.max(...bars.map(({ counts }) => sumOf(counts)));
  const x = (time: number) => ((Math.min(Math.max(time, begin), end) - begin) / (end - begin)) * WIDTH;
  const matches = search?.counts.barsOf(first.to - first.from);
  const total = linesText(bars.reduce((sum, { counts }) => sum + sumOf(counts), 0));
  const older = model.histogram.complete ? '' : ', of which older ones are not counted';
  const label = `Lines over time, ${rangeText(begin, end)}: ${total}${older}, at most ${n(most)} in a bar`;
  return (
    <div className="log-over-time">
      <svg
        ref={box}
        className="log-histogram"
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={label}
        {...listeners}
      >
        <title>{`${label}. The line below them is what is loaded. Drag to see only a part.`}</title>
        <g className={matches === undefined ? undefined : 'log-bars-behind'}>
          {bars.map((bar) => (
            <Stack key={bar.from} bar={bar} x={x(bar.from)} width={widthOf(x(bar.from), x(bar.to))} most={most} />
          ))}
        </g>
        {matches?.map((bar) => (
          <Match key={bar.from} bar={bar} x={x(bar.from)} width={widthOf(x(bar.from), x(bar.to))} most={most} />
        ))}
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
        {choice && (
          <rect className="log-brush" x={x(choice.from)} width={x(choice.to) - x(choice.from)} height={HEIGHT} />
        )}
      </svg>
      {choice && <output className="log-brush-times">{rangeText(choice.from, choice.to)}</output>}
    </div>
  );
}

interface StackProps {
  readonly bar: Bar;
  readonly x: number;
  readonly width: number;
  /** Lines of the highest bar. */
  readonly most: number;
}

/** What has no level below, then from the least to the most severe. */
function Stack({ bar, x, width, most }: StackProps) {
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

/** What matches, before the bars. */
function Match({ bar: { counts }, x, width, most }: StackProps) {
  const height = Math.min(GROUND, Math.max(LEAST_MATCH, (sumOf(counts) / most) * GROUND));
  return <rect className="log-bar-match" x={x} y={GROUND - height} width={width} height={height} />;
}

/** A bar leaves a gap to the next one. */
function widthOf(from: number, to: number): number {
  return Math.max(1, to - from - 1);
}

function rangeText(from: number, to: number): string {
  const isOneDay = new Date(from).toDateString() === new Date(to).toDateString();
  return [from, to].map((time) => momentText(time, isOneDay)).join(' to ');
}

function momentText(time: number, isOneDay: boolean): string {
  const date = new Date(time);
  const clock = date.toLocaleTimeString('en-GB');
  return isOneDay ? clock : `${date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })} ${clock}`;
}

function linesText(count: number): string {
  return `${n(count)} ${count === 1 ? 'line' : 'lines'}`;
}

function n(value: number): string {
  return value.toLocaleString('en');
}
