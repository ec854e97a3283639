import type { LogPage } from '@kubidu/contracts';
import { LIMITS } from '@kubidu/contracts/limits';

import { number } from '@kubidu/text';
import { isClientError } from './explain.ts';
import type { Reading } from './follow.ts';
import { pieces, startOf, within } from './history.ts';
import type { Head } from './history.ts';
import { matcher } from './selection.ts';
import { headOf } from './target.ts';

/** Prints what is selected of what is there now, and ends. Returns where the stream stood. */
export async function printPast(reading: Reading): Promise<Head> {
  const { api, target, selection, printer, notices, status, signal } = reading;
  const { stream } = target;
  const newest = await newestPage(reading);
  if (newest !== undefined) {
    await printer.print(newest.entries);
    return newest;
  }
  const head = await headOf(api, target, signal);
  const part = await within(api, stream, selection, head, signal);
  const after = await startOf(api, stream, selection, part, signal, (index) =>
    status.show(() => `kubidu: looked back to line ${number(index)} of ${number(part.lastIndex)}`),
  );
  if (after > head.lastIndex) {
    notices.say(`the log ends at line ${number(head.lastIndex)}: there is nothing after ${number(after)} yet`);
  }
  const { lastIndex: through } = part;
  let reached = after;
  if (through - after > LIMITS.pageEntries)
    status.show(() => `kubidu: ${number(reached - after)} of ${number(through - after)} lines read`);
  const onReached = (index: number): void => void (reached = Math.min(index, through));
  const { query } = selection;
  for await (const { entries, gap } of pieces(api, stream, { after, through, query, onReached }, signal)) {
    if (gap !== undefined) printer.gap(gap);
    else await printer.print(entries);
  }
  return head;
}

/** What most ask for, the newest lines, in one request; undefined where that does not answer it. */
async function newestPage({ api, target, selection, signal }: Reading): Promise<LogPage | undefined> {
  const { lines = 0, afterIndex, query } = selection;
  if (lines < 1 || lines > LIMITS.pageEntries || afterIndex !== undefined || matcher(selection) !== undefined)
    return undefined;
  try {
    const page = await api.logs(target.stream, { before: Number.MAX_SAFE_INTEGER, limit: lines, query }, signal);
    const all = query === undefined ? page.lastIndex + 1 - page.firstIndex : lines;
    const over = query !== undefined && page.previous === undefined;
    const whole = over || page.entries.length === Math.min(lines, all);
    return whole && page.gaps.length === 0 && page.lastIndex > 0 ? page : undefined;
  } catch (error) {
    if (isClientError(error) && error.code === 'NOT_FOUND') return undefined;
    throw error;
  }
}
