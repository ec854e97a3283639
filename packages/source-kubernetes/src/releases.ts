import type { Sink } from '@kubidu/core';

import { podUidOf } from './cursor.ts';
import { SinkError } from './delivery.ts';
import type { Pod } from './pod.ts';
import type { PodView } from './pod-view.ts';

/** What releases are stored under, beside the pods' own sources. */
const SOURCE = 'release';
const DEPLOYMENT_LABEL = 'kubidu.io/deployment-id';
/** So many releases are remembered: more than can be told before something of the pods that were their reason is stored. */
const MOST_KNOWN = 16;

/** A release that was told. */
interface Release {
  readonly deploymentId: string;
  /** Of the pod that was its reason. */
  readonly podUid: string;
}

/**
 * Tells a service's stream which deployment begins to run: once, before the first line of its first pod. A deployment
 * that is the latest anyway, or of which another pod still stands, is not told again: neither when it is scaled, nor when
 * its pods are replaced, nor while two run side by side. One that was replaced and comes back is, for that is a release.
 */
export class Releases {
  readonly #sink: Sink;
  readonly #pods: () => Iterable<PodView>;
  /** Pods that began in this life; of earlier ones the sink knows. */
  readonly #begun = new WeakSet<PodView>();
  #last: Promise<void> = Promise.resolve();

  /** @param pods all pods of the service that are there now */
  constructor(sink: Sink, pods: () => Iterable<PodView>) {
    this.#sink = sink;
    this.#pods = pods;
  }

  /**
   * To be awaited before anything of a pod is told that runs: resolves when its release is stored, or none is to be told.
   * One pod after the other: of two that begin at once neither may overtake their release. @throws {SinkError}
   */
  begin(view: PodView): Promise<void> {
    return (this.#last = this.#last.then(() => this.#begin(view)));
  }

  async #begin(view: PodView): Promise<void> {
    const { labels, uid: podUid } = view.pod;
    const deploymentId = labels[DEPLOYMENT_LABEL];
    if (!deploymentId) return;
    const told = decode(this.#sink.cursor(SOURCE));
    const known = new Set([...this.#sink.known().map(podUidOf), ...told.map((release) => release.podUid)]);
    const hasBegun = (other: PodView): boolean => this.#begun.has(other) || known.has(other.pod.uid);
    const isNew = !hasBegun(view) && told.at(-1)?.deploymentId !== deploymentId;
    const stands = [...this.#pods()].some((other) => isOf(other, deploymentId) && hasBegun(other));
    this.#begun.add(view);
    if (!isNew || stands) return;
    const cursor = encode([...told, { deploymentId, podUid }].slice(-MOST_KNOWN));
    const writer = this.#sink.open(SOURCE, {});
    writer.event({ type: 'release', deploymentId }, cursor, firstStart(view.pod));
    await writer.flush().catch((error: unknown) => {
      throw new SinkError(error);
    });
  }
}

/** Whether the pod stands for the deployment: a pod that is going, or will never run again, does not. */
function isOf({ pod, deleted }: PodView, deploymentId: string): boolean {
  return pod.labels[DEPLOYMENT_LABEL] === deploymentId && !deleted && !pod.deleting && !pod.over;
}

/** When the first of its containers started, of those that are known; as the cluster's clock says. */
function firstStart({ containers }: Pod): string | undefined {
  const starts = containers.flatMap(({ instances }) => instances.map(({ startedAt }) => startedAt));
  return starts.filter((start) => start !== undefined).sort()[0];
}

function encode(releases: readonly Release[]): string {
  return JSON.stringify({ v: 1, told: releases.map(({ deploymentId, podUid }) => [deploymentId, podUid]) });
}

/** Empty for what was never stored, or is not ours. */
function decode(text: string | undefined): Release[] {
  if (text === undefined) return [];
  try {
    const { told } = JSON.parse(text) as { told: [string, string][] };
    return told.map(([deploymentId, podUid]) => ({ deploymentId, podUid }));
  } catch {
    return [];
  }
}
