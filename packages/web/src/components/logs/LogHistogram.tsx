import { LEVELS } from '@kubidu/contracts';
import { useRef, useState } from 'react';
import type { PointerEvent } from 'react';

import type { Bar, LevelHistogram } from './model/level-histogram.ts';

/** Most bars. */
const BARS = 120;
const WIDTH = 1_000;
const HEIGHT = 40;

export interface LogHistogramProps {
  readonly histogram: LevelHistogram;
  /** Somebody chose a stretch of time, in milliseconds since 1970. */
  readonly onChoose: (from: number, to: number) => Promise<void>;
}

/** How many lines of which level were written when; one drags over it to see only those. */
export function LogHistogram({ histogram, onChoose }: LogHistogramProps) {
  const box = useRef<SVGSVGElement>(null);
  const [drag, setDrag] = useState<{ from: number; to: number }>();
  const bars = histogram.bars(BARS);
  const [first, last] = [bars[0], bars.at(-1)];
  if (first === undefined || last === undefined) return null;
  const span = last.to - first.from;
  const most = Math.max(...bars.map(({ counts }) => sum(counts)));
  const x = (time: number) => ((time - first.from) / span) * WIDTH;
  const timeAt = ({ clientX }: PointerEvent) => {
    const { left, width } = (box.current as SVGSVGElement).getBoundingClientRect();
    return first.from + Math.min(1, Math.max(0, (clientX - left) / width)) * span;
  };
  const label = `Lines over time, ${clock(first.from)} to ${clock(last.to)}, at most ${most.toLocaleString('en')} in a bar`;
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
      <title>{`${label}. Drag to see only a part.`}</title>
      {bars.map((bar) => (
        <Stack key={bar.from} bar={bar} x={x(bar.from)} width={Math.max(1, x(bar.to) - x(bar.from) - 1)} most={most} />
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
  let y = HEIGHT;
  return [LEVELS.length, ...LEVELS.keys()].map((place) => {
    const count = bar.counts[place] ?? 0;
    if (count === 0) return null;
    const height = Math.max(1, (count / most) * HEIGHT);
    y -= height;
    const level = LEVELS[place]?.toLowerCase() ?? 'none';
    return <rect key={place} className={`log-bar-${level}`} x={x} y={y} width={width} height={height} />;
  });
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}

function clock(time: number): string {
  return new Date(time).toLocaleTimeString('en-GB');
}
