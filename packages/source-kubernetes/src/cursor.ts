import { Track } from './position.ts';
import type { TrackState } from './position.ts';

/** How far the following of one container instance has come; kept with its lines in the store. */
export interface Cursor {
  /** `started`: its start was told. `exited`: its end was, and nothing more is to come. */
  readonly phase: 'started' | 'exited';
  /** Tells instances apart where the restart count lags behind. */
  readonly containerId: string;
  readonly track: Track;
}

/** The text under which a cursor is stored. Lines' cursors are written often: the track is an array. */
export function encodeCursor(cursor: Cursor): string {
  const { phase, containerId, track } = cursor;
  return JSON.stringify({ v: 1, phase, id: containerId, track });
}

/** The cursor of a stored text; undefined for what was never stored, or is not ours. */
export function decodeCursor(text: string | undefined): Cursor | undefined {
  if (text === undefined) return undefined;
  try {
    const { v, phase, id, track } = JSON.parse(text) as {
      v: number;
      phase: Cursor['phase'];
      id: string;
      track?: TrackState;
    };
    if (v !== 1) return undefined;
    return { phase, containerId: id, track: track ? Track.from(track) : new Track() };
  } catch {
    return undefined;
  }
}
