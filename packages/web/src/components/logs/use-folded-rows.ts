import { useCallback } from 'react';

import type { LogModel, LogSnapshot } from './model/log-model.ts';
import type { OpenParts } from './open-parts.ts';
import { LINE } from './use-log-rows.ts';

export interface FoldedRows {
  /** Height of a row that was not measured: none for a line of a trace that is folded. */
  readonly estimate: (index: number) => number;
  /** Whether a row is folded away under the first line of its trace. */
  readonly isFolded: (index: number) => boolean;
  /** Changes whenever other rows are folded. */
  readonly version: string;
}

/** The lines of stack traces, folded under the first until somebody opens them; where only matches are shown, none is. */
export function useFoldedRows({ traces }: LogModel, { filtered }: LogSnapshot, open: OpenParts): FoldedRows {
  const { version } = traces;
  const isFolded = useCallback(
    (index: number) => {
      const trace = filtered ? undefined : traces.at(index);
      return trace !== undefined && trace.head !== index && !open.has('trace', trace.head);
    },
    // Its version says when the traces changed.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [traces, version, filtered, open],
  );
  const estimate = useCallback((index: number) => (isFolded(index) ? 0 : LINE), [isFolded]);
  return { estimate, isFolded, version: `${version} ${open.version}` };
}
