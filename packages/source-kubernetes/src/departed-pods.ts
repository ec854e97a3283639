import type { Sink } from '@kubidu/core';

import { decodeCursor, decodeSource, encodeCursor } from './cursor.ts';
import { SinkError } from './delivery.ts';
import type { Cursor, SourceName } from './cursor.ts';

/** The cursor of a pod whose deletion was told. */
const DELETED = 'deleted';
/**
 * Of so many pods it stays known that their deletion was told: a watch that lags, ours or another replica's, may show
 * one of them once more.
 */
const DELETED_KNOWN = 32;

/** A pod of which something is stored. */
export interface KnownPod {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
}

/** An instance of a container of which something is stored. */
export interface KnownInstance extends SourceName {
  readonly source: string;
  readonly cursor: Cursor;
}

/** Every instance that the sink knows; only that pod's, if given. */
export function knownInstances(sink: Sink, podUid?: string): KnownInstance[] {
  return sink.known().flatMap((source) => {
    const name = decodeSource(source);
    if (!name || (podUid !== undefined && name.podUid !== podUid)) return [];
    const cursor = decodeCursor(sink.cursor(source));
    return cursor ? [{ ...name, source, cursor }] : [];
  });
}

/** The pods whose sources the sink knows, but for those that `isFollowed`. */
export function knownPods(sink: Sink, isFollowed: (uid: string) => boolean): KnownPod[] {
  const pods = new Map<string, KnownPod>();
  for (const { podUid: uid, cursor } of knownInstances(sink))
    if (!isFollowed(uid)) pods.set(uid, { uid, namespace: cursor.namespace, name: cursor.podName });
  return [...pods.values()];
}

/** Says of an instance that was not read to its end that its rest is lost, once. @throws {SinkError} */
export async function tellUnread(sink: Sink, { source, container, restart, cursor }: KnownInstance): Promise<void> {
  if (cursor.phase === 'exited') return;
  const { podName } = cursor;
  const writer = sink.open(source, { podName, container, restart });
  writer.event({ type: 'lost', reason: 'removed', podName, container }, encodeCursor({ ...cursor, phase: 'exited' }));
  await writer.flush().catch(refused);
}

/**
 * Of a pod that is gone: what was not read to its end is lost, and said to be; its deletion is told, once, whoever told
 * it before; then it is forgotten. @throws {SinkError}
 * @param wasRead of instances, by their containers' ids
 */
export async function tellDeparted(
  sink: Sink,
  { uid, name }: Pick<KnownPod, 'uid' | 'name'>,
  wasRead: (containerId: string) => boolean = () => false,
): Promise<void> {
  for (const instance of knownInstances(sink, uid))
    if (!wasRead(instance.cursor.containerId)) await tellUnread(sink, instance);
  if (!isToldDeleted(sink, uid)) {
    const writer = sink.open(uid, { podName: name });
    writer.event({ type: 'pod-deleted' }, DELETED);
    await writer.flush().catch(refused);
  }
  forgetPod(sink, uid);
}

/** Whether that pod's deletion was told, lately. */
export function isToldDeleted(sink: Sink, uid: string): boolean {
  return sink.cursor(uid) === DELETED;
}

/** Nothing of a pod that is gone is ever read again. */
function forgetPod(sink: Sink, uid: string): void {
  const known = sink.known();
  const told = known.filter((source) => isToldDeleted(sink, source));
  sink.forget([...known.filter((source) => source.startsWith(`${uid}/`)), ...told.slice(0, -DELETED_KNOWN)]);
}

function refused(error: unknown): never {
  throw new SinkError(error);
}
