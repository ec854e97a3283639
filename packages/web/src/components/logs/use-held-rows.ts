import { useEffect, useRef, useState } from 'react';
import type { RefObject } from 'react';

/** What a reader holds on to, so that it must not move. */
export interface HeldRows {
  /** Whether something is selected in the list, or being selected. */
  readonly holding: boolean;
  /** Indexes of the rows where the selection begins and ends, or would from where somebody clicked. */
  readonly pinned: readonly number[];
}

const NOTHING: HeldRows = { holding: false, pinned: [] };

/** The rows of `scroller` that hold the reader's selection. */
export function useHeldRows(scroller: RefObject<HTMLElement | null>): HeldRows {
  const [held, setHeld] = useState(NOTHING);
  const pressed = useRef(false);
  useEffect(() => {
    const look = () => {
      const pinned = selectedRows(scroller.current);
      setHeld((before) => {
        const selected = pinned.length > 0 && document.getSelection()?.isCollapsed === false;
        const now = { holding: selected || pressed.current, pinned };
        return isSame(before, now) ? before : now;
      });
    };
    const onDown = (event: PointerEvent) => {
      const inText = event.button === 0 && event.target instanceof Element && event.target.closest('.log-message');
      pressed.current = Boolean(inText) && event.pointerType === 'mouse' && contains(scroller.current, event.target);
      if (pressed.current) look();
    };
    const onUp = () => {
      pressed.current = false;
      look();
    };
    document.addEventListener('selectionchange', look);
    document.addEventListener('pointerdown', onDown);
    document.addEventListener('pointerup', onUp);
    document.addEventListener('pointercancel', onUp);
    return () => {
      document.removeEventListener('selectionchange', look);
      document.removeEventListener('pointerdown', onDown);
      document.removeEventListener('pointerup', onUp);
      document.removeEventListener('pointercancel', onUp);
    };
  }, [scroller]);
  return held;
}

/** Index at which the row begins that a node is in. */
export function rowIndexOf(node: Node | null): number | undefined {
  const element = node instanceof Element ? node : node?.parentElement;
  const index = Number(element?.closest('[data-at]')?.getAttribute('data-at') ?? Number.NaN);
  return Number.isNaN(index) ? undefined : index;
}

function selectedRows(list: HTMLElement | null): number[] {
  const selection = document.getSelection();
  if (list === null || selection === null) return [];
  if (!contains(list, selection.anchorNode)) return [];
  const rows = [rowIndexOf(selection.anchorNode), rowIndexOf(selection.focusNode)];
  return [...new Set(rows.filter((row) => row !== undefined))];
}

function contains(list: HTMLElement | null, node: EventTarget | null): boolean {
  return list !== null && node instanceof Node && list.contains(node);
}

function isSame(a: HeldRows, b: HeldRows): boolean {
  return a.holding === b.holding && a.pinned.join() === b.pinned.join();
}
