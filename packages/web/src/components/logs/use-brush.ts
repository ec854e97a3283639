import { useState } from 'react';
import type { PointerEvent } from 'react';

/** A stretch of time, in milliseconds since 1970. */
export interface Choice {
  readonly from: number;
  readonly to: number;
}

/** A stretch that one drags over, while one does, and what listens for it; `timeAt` says what time the pointer is at. */
export function useBrush(
  timeAt: (event: PointerEvent) => number,
  onChoose: (from: number, to: number) => Promise<void>,
) {
  const [drag, setDrag] = useState<Choice>();
  const choice = drag && { from: Math.min(drag.from, drag.to), to: Math.max(drag.from, drag.to) };
  const listeners = {
    onPointerDown: (event: PointerEvent) => {
      event.currentTarget.setPointerCapture(event.pointerId);
      setDrag({ from: timeAt(event), to: timeAt(event) });
    },
    onPointerMove: (event: PointerEvent) => drag && setDrag({ ...drag, to: timeAt(event) }),
    onPointerUp: () => {
      if (choice && choice.from !== choice.to) onChoose(choice.from, choice.to).catch(reportError);
      setDrag(undefined);
    },
  };
  return { choice, listeners };
}
