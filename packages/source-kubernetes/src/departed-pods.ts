import type { Sink } from '@kubidu/core';

import { decodeCursor, decodeSource, encodeCursor } from './cursor.ts';
import { SinkError } from './delivery.ts';

/** The cursor of a pod whose deletion was told. */
const DELETED = 'deleted';

/** A pod of which something is stored. */
export interface KnownPod {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
}

/** The pods whose sources the sink knows, but for those that `isFollowed`. */
export function knownPods(sink: Sink, isFollowed: (uid: string) => boolean): KnownPod[] {
  const pods = new Map<string, KnownPod>();
  for (const source of sink.known()) {
    const uid = decodeSource(source)?.podUid;
    const cursor = uid === undefined || isFollowed(uid) ? undefined : decodeCursor(sink.cursor(source));
    if (uid !== undefined && cursor) pods.set(uid, { uid, namespace: cursor.namespace, name: cursor.podName });
  }
  return [...pods.values()];
}

/**
 * Of a pod that went while nobody followed it: what was not read to its end is lost, and said to be. @throws {SinkError}
 */
export async function tellDeparted(sink: Sink, pod: KnownPod): Promise<void> {
  for (const source of sink.known()) {
    const name = decodeSource(source);
    const cursor = name?.podUid === pod.uid ? decodeCursor(sink.cursor(source)) : undefined;
    if (!name || cursor?.phase !== 'started') continue;
    const { container, restart } = name;
    const writer = sink.open(source, { podName: pod.name, container, restart });
    const event = { type: 'lost', reason: 'removed', podName: pod.name, container } as const;
    writer.event(event, encodeCursor({ ...cursor, phase: 'exited' }));
    await writer.flush().catch(refused);
  }
  await tellPodDeleted(sink, pod);
  forgetPod(sink, pod.uid);
}

/** Tells the deletion after the pod's last line, once, whoever else told it before. @throws {SinkError} */
export async function tellPodDeleted(
  sink: Sink,
  { uid, name }: { readonly uid: string; readonly name: string },
): Promise<void> {
  if (sink.cursor(uid) !== undefined) return;
  const writer = sink.open(uid, { podName: name });
  writer.event({ type: 'pod-deleted' }, DELETED);
  await writer.flush().catch(refused);
}

/** Nothing of a pod that is gone is ever read again. */
export function forgetPod(sink: Sink, uid: string): void {
  const sources = sink.known().filter((source) => source === uid || source.startsWith(`${uid}/`));
  if (sources.length > 0) sink.forget(sources);
}

function refused(error: unknown): never {
  throw new SinkError(error);
}
