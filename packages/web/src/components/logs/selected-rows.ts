import { plainText } from '@kubidu/query/lazy';
import type { LogEntry } from '@kubidu/contracts';

import type { CopiedRows } from './copied-text.ts';
import type { RowSpace } from './model/row-space.ts';
import { systemWords } from './row/system-words.ts';
import { rowIndexOf } from './use-held-rows.ts';

/** The rows in which the selection begins and ends, each whole and as `text` writes it; undefined where none is selected. */
export function selectedRows(rows: RowSpace, text: (entry: LogEntry) => string): CopiedRows | undefined {
  const selection = document.getSelection();
  const range = selection && selection.rangeCount > 0 ? selection.getRangeAt(0) : undefined;
  if (range === undefined || range.collapsed) return undefined;
  const [from, to] = [rowIndexOf(range.startContainer), rowIndexOf(range.endContainer)];
  if (from === undefined || to === undefined) return undefined;
  return { rows, first: rows.rowOf(from), last: rows.rowOf(to), parts: new Map(), text };
}

/** What of the rows of a list is selected, as plain text, without what stands before the messages. */
export function selectedMessages(list: Element, rows: RowSpace): CopiedRows | undefined {
  const whole = selectedRows(rows, messageText);
  const range = document.getSelection()?.getRangeAt(0);
  if (whole === undefined || range === undefined) return undefined;
  const parts = new Map<number, string>();
  for (const container of [range.startContainer, range.endContainer]) {
    const index = rowIndexOf(container);
    const part = index === undefined ? undefined : partOf(list, range, index);
    if (index !== undefined && part !== undefined) parts.set(rows.rowOf(index), part);
  }
  return { ...whole, parts };
}

/** What is said in a row, as text, without colours. */
function messageText(entry: LogEntry): string {
  return entry.stream === 'system' ? systemWords(entry).words : plainText(entry.message);
}

/** What of a row's message lies within a range; undefined where all of it does, also what is not drawn of it. */
function partOf(list: Element, range: Range, index: number): string | undefined {
  const message = list.querySelector(`[data-entry="${index}"] :is(.log-text, .log-divider-words)`);
  if (message === null) return undefined;
  const within = document.createRange();
  within.selectNodeContents(message);
  if (range.compareBoundaryPoints(Range.START_TO_START, within) > 0) {
    if (!message.contains(range.startContainer)) return '';
    within.setStart(range.startContainer, range.startOffset);
  }
  if (range.compareBoundaryPoints(Range.END_TO_END, within) < 0) {
    if (!message.contains(range.endContainer)) return '';
    within.setEnd(range.endContainer, range.endOffset);
  }
  const text = within.toString();
  return text === message.textContent ? undefined : text;
}
