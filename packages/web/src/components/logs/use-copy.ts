import { useEffect } from 'react';
import type { RefObject } from 'react';

import type { RowSpace } from './model/row-space.ts';
import { selectedMessages } from './selected-rows.ts';
import type { Copying } from './use-copying.ts';

/** Copies what is selected as plain text, without what stands before the messages, also of rows that are not drawn. */
export function useCopy(scroller: RefObject<HTMLElement | null>, rows: RowSpace, copy: Copying['copy']): void {
  useEffect(() => {
    const list = scroller.current;
    if (list === null) return;
    const onCopy = (event: ClipboardEvent) => {
      const copied = selectedMessages(list, rows);
      if (copied === undefined) return;
      // Else the browser copies what is drawn.
      event.preventDefault();
      copy(copied, (text) => event.clipboardData?.setData('text/plain', text));
    };
    list.addEventListener('copy', onCopy);
    return () => list.removeEventListener('copy', onCopy);
  }, [scroller, rows, copy]);
}
