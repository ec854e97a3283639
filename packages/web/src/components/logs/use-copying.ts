import { ClientError } from '@kubidu/client';
import { useCallback, useEffect, useRef, useState } from 'react';

import { readText, textAtHand, TooMuchToCopy } from './copied-text.ts';
import type { CopiedRows } from './copied-text.ts';
import type { LogModel } from './model/log-model.ts';

/** How copying does, where there is something to say of it. `words` are for the reader. */
type CopyState =
  | { readonly is: 'idle' }
  | { readonly is: 'copying' | 'copied'; readonly words: string }
  | { readonly is: 'failed'; readonly words: string };

export interface Copying {
  readonly state: CopyState;
  /**
   * Copies rows. What is at hand is given to `give` before this returns; else the rest is read first, and the browser has
   * the promise of it, so that the reader's gesture counts. Never copies a part.
   */
  readonly copy: (copied: CopiedRows, give: (text: string) => unknown) => void;
  /** Ends what is under way, and says no more of what was. */
  readonly dismiss: () => void;
}

const IDLE: CopyState = { is: 'idle' };

/** Copies lines of a log, and says how it does where that takes a while or fails. */
export function useCopying(model: LogModel): Copying {
  const [state, setState] = useState<CopyState>(IDLE);
  const running = useRef<AbortController>(undefined);
  useEffect(() => () => running.current?.abort(), []);
  const dismiss = useCallback(() => {
    running.current?.abort();
    setState(IDLE);
  }, []);
  const copy = useCallback(
    (copied: CopiedRows, give: (text: string) => unknown) => {
      running.current?.abort();
      const { signal } = (running.current = new AbortController());
      const onRead = () => setState({ is: 'copying', words: `Copying ${expectedText(copied)}…` });
      copyAll(model, copied, give, signal, onRead).then(
        (read) =>
          signal.aborted || setState(read === undefined ? IDLE : { is: 'copied', words: `Copied ${linesText(read)}.` }),
        (error: unknown) => signal.aborted || setState({ is: 'failed', words: `Not copied: ${reasonText(error)}` }),
      );
    },
    [model],
  );
  return { state, copy, dismiss };
}

/** How many lines were copied, where some had to be read. */
async function copyAll(
  model: LogModel,
  copied: CopiedRows,
  give: (text: string) => unknown,
  signal: AbortSignal,
  onRead: () => void,
): Promise<number | undefined> {
  const text = textAtHand(model, copied);
  if (text !== undefined) {
    await give(text);
    return undefined;
  }
  if (!('clipboard' in navigator)) throw new ClipboardRefused();
  onRead();
  const reading = readText(model, copied, model.shown, signal);
  const item = new ClipboardItem({
    'text/plain': reading.then((read) => new Blob([read.text], { type: 'text/plain' })),
  });
  const writing = navigator.clipboard.write([item]).catch(() => Promise.reject(new ClipboardRefused()));
  // Where reading fails, so does writing, and says less of why.
  await Promise.allSettled([reading, writing]);
  const { lines } = await reading;
  await writing;
  return lines;
}

/** The browser did not let us copy. */
class ClipboardRefused extends Error {
  override readonly name = 'ClipboardRefused';
}

function reasonText(error: unknown): string {
  if (error instanceof TooMuchToCopy) return error.message;
  if (error instanceof ClipboardRefused)
    return 'not all of the lines are at hand, and the browser does not let this page copy what it has to read first. Download saves them as a file.';
  if (!(error instanceof ClientError)) return 'the browser does not allow it.';
  return error.code === 'UNREACHABLE'
    ? 'the server does not answer, and not all of the lines are at hand. Copy again when it is back.'
    : `${error.message}.`;
}

/** What is to be copied. How many lines there are where not all was searched is known when it was. */
function expectedText({ rows, first, last }: CopiedRows): string {
  for (let row = first; row <= last; row++) if (rows.at(row).is === 'unsearched') return 'what matches';
  return linesText(last - first + 1);
}

function linesText(count: number): string {
  return count === 1 ? '1 line' : `${count.toLocaleString('en')} lines`;
}
