import { Track } from './position.ts';
import type { TrackState } from './position.ts';

/** How far the following of one container instance has come; kept with its lines in the store. */
export interface Cursor {
  /** `started`: its start was told. `exited`: its end was, and nothing more is to come. */
  readonly phase: 'started' | 'exited';
  /** Tells instances apart where the restart count lags behind. */
  readonly containerId: string;
  /** Where the pod was, for whoever finds it gone. */
  readonly namespace: string;
  readonly podName: string;
  readonly track: Track;
}

/** Makes the text under which a cursor is stored. Only the track changes from batch to batch: the rest is encoded once. */
export function cursorEncoder({
  phase,
  containerId,
  namespace,
  podName,
}: Omit<Cursor, 'track'>): (track: Track) => string {
  const head = JSON.stringify({ v: 1, phase, id: containerId, pod: [namespace, podName] }).slice(0, -1);
  return (track) => {
    const state = track.state();
    return state ? `${head},"track":${JSON.stringify(state)}}` : `${head}}`;
  };
}

/** The text under which a cursor is stored, once. */
export const encodeCursor = (cursor: Cursor): string => cursorEncoder(cursor)(cursor.track);

/** The cursor of a stored text; undefined for what was never stored, or is not ours. */
export function decodeCursor(text: string | undefined): Cursor | undefined {
  if (text === undefined) return undefined;
  try {
    const { v, phase, id, pod, track } = JSON.parse(text) as {
      v: number;
      phase: Cursor['phase'];
      id: string;
      pod: [string, string];
      track?: TrackState;
    };
    if (v !== 1) return undefined;
    const [namespace, podName] = pod;
    return { phase, containerId: id, namespace, podName, track: track ? Track.from(track) : new Track() };
  } catch {
    return undefined;
  }
}

/** What one instance's lines are stored under. */
export interface SourceName {
  readonly podUid: string;
  readonly container: string;
  readonly restart: number;
}

export function encodeSource({ podUid, container, restart }: SourceName): string {
  return `${podUid}/${container}/${restart}`;
}

/** The pod that a source is of, a pod's own or that of one of its containers. */
export const podUidOf = (source: string): string => source.split('/', 1)[0] ?? '';

/** Undefined for what is no container instance's: a pod's own, or that of another kind of source. */
export function decodeSource(source: string): SourceName | undefined {
  const [podUid, container, restart, ...more] = source.split('/');
  if (podUid === undefined || container === undefined || restart === undefined || more.length > 0) return undefined;
  return { podUid, container, restart: Number(restart) };
}
