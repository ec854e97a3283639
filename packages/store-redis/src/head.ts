import type { GapReason, Outcome } from '@kubidu/contracts';
import type { Head } from '@kubidu/core';

/** The fields of a stream's meta that make its head. */
export const META_HEAD = ['first', 'last', 'ended', 'gone'] as const;

/** Their values; null where the stream has none. */
export type MetaHead = readonly [first: string | null, last: string | null, ended: string | null, gone: string | null];

/** The head that a stream's meta tells. */
export function headOf([first, last, ended, gone]: MetaHead): Head {
  return {
    firstIndex: Number(first ?? 1),
    lastIndex: Number(last ?? 0),
    ...(ended && { ended: JSON.parse(ended) as Outcome }),
    ...(gone && { gone: gone as GapReason }),
  };
}
