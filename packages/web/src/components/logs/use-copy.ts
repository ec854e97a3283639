import { plainText } from '@kubidu/query/lazy';
import type { LogEntry } from '@kubidu/contracts';
import { useEffect } from 'react';
import type { RefObject } from 'react';

import type { LogModel } from './model/log-model.ts';
import type { RowSpace } from './model/row-space.ts';
import { rowIndexOf } from './use-held-rows.ts';

/** Most rows that are copied at once; who wants more downloads them. */
const MOST_ROWS = 100_000;

/** Copies what is selected as plain text, without what stands before the messages, also of rows that are not drawn. */
export function useCopy(scroller: RefObject<HTMLElement | null>, model: LogModel, rows: RowSpace): void {
  useEffect(() => {
    const list = scroller.current;
    if (list === null) return;
    const onCopy = (event: ClipboardEvent) => {
      const selection = document.getSelection();
      const range = selection && selection.rangeCount > 0 ? selection.getRangeAt(0) : undefined;
      if (range === undefined || range.collapsed) return;
      const [from, to] = [rowIndexOf(range.startContainer), rowIndexOf(range.endContainer)];
      if (from === undefined || to === undefined) return;
      const [first, last] = [rows.rowOf(from), rows.rowOf(to)];
      const parts = [part(list, range, from)];
      for (let row = first + 1; row < Math.min(last, first + MOST_ROWS); row++) {
        const there = rows.at(row);
        if (there.is === 'entry') parts.push(messageText(model.entry(there.index)));
      }
      if (from !== to) parts.push(part(list, range, to));
      event.clipboardData?.setData('text/plain', parts.join('\n'));
      event.preventDefault();
    };
    list.addEventListener('copy', onCopy);
    return () => list.removeEventListener('copy', onCopy);
  }, [scroller, model, rows]);
}

/**
 * Copies the rows that are selected, each as `text` writes it, and whole.
 * @throws what the browser says where it does not allow that
 */
export async function copyRows(model: LogModel, text: (entry: LogEntry) => string): Promise<void> {
  const selection = document.getSelection();
  const ends = [rowIndexOf(selection?.anchorNode ?? null), rowIndexOf(selection?.focusNode ?? null)];
  const [a, b] = ends;
  if (a === undefined || b === undefined) return;
  const { rows } = model.getSnapshot();
  const lines: string[] = [];
  for (let row = rows.rowOf(Math.min(a, b)); row <= rows.rowOf(Math.max(a, b)) && lines.length < MOST_ROWS; row++) {
    const there = rows.at(row);
    const entry = there.is === 'entry' ? model.entry(there.index) : undefined;
    if (entry !== undefined) lines.push(text(entry));
  }
  await navigator.clipboard.writeText(lines.join('\n'));
}

/** A message as text, without colours. */
function messageText(entry: LogEntry | undefined): string {
  return entry === undefined ? '' : plainText(entry.message);
}

/** What of a row's message lies within a range. */
function part(list: Element, range: Range, index: number): string {
  const row = list.querySelector(`[data-entry="${index}"]`);
  const message = row?.querySelector('.log-text, .log-divider-words');
  if (!message) return '';
  const within = document.createRange();
  within.selectNodeContents(message);
  if (range.compareBoundaryPoints(Range.START_TO_START, within) > 0 && message.contains(range.startContainer))
    within.setStart(range.startContainer, range.startOffset);
  if (range.compareBoundaryPoints(Range.END_TO_END, within) < 0) {
    if (message.contains(range.endContainer)) within.setEnd(range.endContainer, range.endOffset);
    else if (range.comparePoint(message, 0) > 0) return '';
  }
  return within.toString();
}
