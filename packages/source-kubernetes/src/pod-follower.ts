import type { Sink } from '@kubidu/core';

import { ContainerFollower } from './container-follower.ts';
import { encodeSource } from './cursor.ts';
import { knownInstances, tellDeparted, tellUnread } from './departed-pods.ts';
import { SinkError } from './delivery.ts';
import type { LogAccess } from './container-log.ts';
import type { KnownInstance } from './departed-pods.ts';
import type { ContainerStatus, Instance } from './pod.ts';
import type { PodView } from './pod-view.ts';
import type { Releases } from './releases.ts';

/**
 * Follows all containers of a pod, the instances of each one after the other, and tells the pod's deletion after the
 * last line. Owns its containers' followers: none outlives `run`.
 */
export class PodFollower {
  readonly #access: LogAccess;
  readonly #pod: PodView;
  readonly #sink: Sink;
  readonly #releases: Releases;
  /** By container: the latest instance seen, and when its predecessors' following ends. */
  readonly #latest = new Map<string, { instance: Instance; done: Promise<void> }>();
  /** Ids of the containers that were seen, and of those of them that are not read to their end. */
  readonly #seen = new Set<string>();
  readonly #open = new Set<string>();
  readonly #running = new Set<Promise<void>>();
  readonly #failed = new AbortController();

  constructor(access: LogAccess, pod: PodView, sink: Sink, releases: Releases) {
    this.#access = access;
    this.#pod = pod;
    this.#sink = sink;
    this.#releases = releases;
  }

  /** Resolves when the pod was deleted and all is told, or the signal aborted and all is let go. @throws {SinkError} */
  async run(owner: AbortSignal): Promise<void> {
    const signal = AbortSignal.any([owner, this.#failed.signal]);
    while (!signal.aborted && !this.#pod.deleted && !this.#hasRun) await this.#pod.changed(Infinity, signal);
    if (!signal.aborted && this.#hasRun) await this.#releases.begin(this.#pod);
    while (!signal.aborted) {
      for (const container of this.#pod.pod.containers) this.#followNew(container, signal);
      if (this.#pod.deleted) break;
      await this.#pod.changed(Infinity, signal);
    }
    await Promise.allSettled(this.#running);
    if (this.#failed.signal.aborted) throw this.#failed.signal.reason as SinkError;
    if (!this.#pod.deleted || owner.aborted) return;
    await tellDeparted(this.#sink, this.#pod.pod, (containerId) => this.#seen.has(containerId));
  }

  get #hasRun(): boolean {
    return this.#pod.pod.containers.some(({ instances }) => instances.length > 0);
  }

  #followNew(container: ContainerStatus, signal: AbortSignal): void {
    for (const seen of container.instances) {
      if (this.#seen.has(seen.containerId)) continue;
      this.#seen.add(seen.containerId);
      this.#open.add(seen.containerId);
      const instance = this.#asKnown(container.name, seen);
      const before = this.#latest.get(container.name);
      const done = this.#follow(container, instance, before, signal).finally(() => this.#open.delete(seen.containerId));
      this.#latest.set(container.name, { instance, done });
      this.#running.add(done);
      done.then(
        () => this.#running.delete(done),
        (error: unknown) => this.#failed.abort(error),
      );
    }
  }

  #known(container: string): KnownInstance[] {
    return knownInstances(this.#sink, this.#pod.pod.uid).filter((known) => known.container === container);
  }

  /** While the next instance is being made, the count may be its own already: who is known keeps the number it had. */
  #asKnown(container: string, instance: Instance): Instance {
    const known = this.#known(container).find(({ cursor }) => cursor.containerId === instance.containerId);
    return known ? { ...instance, restart: known.restart } : instance;
  }

  async #follow(
    { name, image }: ContainerStatus,
    instance: Instance,
    before: { instance: Instance; done: Promise<void> } | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    if (before) await this.#handover(before.done, signal);
    if (await this.#isOutdated(name, instance, signal)) return;
    if (!signal.aborted) await this.#letGoEarlier(name, instance);
    if (signal.aborted) return;
    const { restart, containerId } = instance;
    const source = encodeSource({ podUid: this.#pod.pod.uid, container: name, restart });
    const labels = { podName: this.#pod.pod.name, container: name, restart };
    const known = this.#known(name);
    const follower = new ContainerFollower(this.#access, {
      pod: this.#pod,
      container: name,
      image,
      instance,
      open: () => this.#sink.open(source, labels),
      cursor: known.some(({ cursor }) => cursor.containerId === containerId) ? this.#sink.cursor(source) : undefined,
      lostBefore: this.#missesEarlier(restart, before?.instance.restart, known),
    });
    await follower.run(signal);
  }

  /** Whether instances ran of which nobody read anything: a kubelet keeps the log of the latest two only. */
  #missesEarlier(restart: number, before: number | undefined, known: readonly KnownInstance[]): boolean {
    if (restart === 0 || (before !== undefined && before >= restart - 1)) return false;
    return !known.some((earlier) => earlier.restart === restart - 1);
  }

  /** What is known of a pod may lag behind: an instance long past would be read once more. */
  async #isOutdated(container: string, { restart, containerId }: Instance, signal: AbortSignal): Promise<boolean> {
    if (!this.#known(container).some((known) => known.restart > restart + 1)) return false;
    await this.#pod.refresh(signal);
    return this.#pod.deleted || this.#pod.instance(containerId) === undefined;
  }

  /**
   * Nobody will read on in an earlier instance that is not among those that are followed. However often a container
   * restarts, it is enough to know of the latest two. @throws {SinkError}
   */
  async #letGoEarlier(container: string, { restart, containerId }: Instance): Promise<void> {
    const earlier = this.#known(container).filter(({ cursor, ...known }) => {
      return known.restart < restart && cursor.containerId !== containerId && !this.#open.has(cursor.containerId);
    });
    for (const known of earlier) if (!this.#seen.has(known.cursor.containerId)) await tellUnread(this.#sink, known);
    const old = earlier.filter((known) => known.restart < restart - 1);
    for (const { cursor } of old) this.#seen.delete(cursor.containerId);
    this.#sink.forget(old.map(({ source }) => source));
  }

  /** The one before is read to its end first, but not for ever: a log that is not read may be rotated away. */
  async #handover(done: Promise<void>, signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const settled = done.then(
      () => over.abort(),
      () => over.abort(),
    );
    const either = AbortSignal.any([signal, over.signal]);
    const deadline = Date.now() + this.#access.timing.handoverMs;
    while (!either.aborted && Date.now() < deadline) await this.#pod.changed(deadline - Date.now(), either);
    if (over.signal.aborted) await settled;
  }
}
