import type { Sink } from '@kubidu/core';

import { ContainerFollower } from './container-follower.ts';
import { decodeCursor, encodeSource } from './cursor.ts';
import { forgetPod, tellPodDeleted } from './departed-pods.ts';
import { SinkError } from './delivery.ts';
import type { LogAccess } from './container-log.ts';
import type { ContainerStatus, Instance } from './pod.ts';
import type { PodView } from './pod-view.ts';

/**
 * Follows all containers of a pod, the instances of each one after the other, and tells the pod's deletion after the
 * last line. Owns its containers' followers: none outlives `run`.
 */
export class PodFollower {
  readonly #access: LogAccess;
  readonly #pod: PodView;
  readonly #sink: Sink;
  /** By container: the latest instance seen, and when its predecessors' following ends. */
  readonly #latest = new Map<string, { instance: Instance; done: Promise<void> }>();
  readonly #seen = new Set<string>();
  /** Sources read to their end in this life. */
  readonly #finished = new Set<string>();
  readonly #running = new Set<Promise<void>>();
  readonly #failed = new AbortController();

  constructor(access: LogAccess, pod: PodView, sink: Sink) {
    this.#access = access;
    this.#pod = pod;
    this.#sink = sink;
  }

  /** Resolves when the pod was deleted and all is told, or the signal aborted and all is let go. @throws {SinkError} */
  async run(owner: AbortSignal): Promise<void> {
    const signal = AbortSignal.any([owner, this.#failed.signal]);
    while (!signal.aborted) {
      for (const container of this.#pod.pod.containers) this.#followNew(container, signal);
      if (this.#pod.deleted) break;
      await this.#pod.changed(Infinity, signal);
    }
    await Promise.allSettled(this.#running);
    if (this.#failed.signal.aborted) throw this.#failed.signal.reason as SinkError;
    if (!this.#pod.deleted || owner.aborted) return;
    await tellPodDeleted(this.#sink, this.#pod.pod);
    forgetPod(this.#sink, this.#pod.pod.uid);
  }

  #followNew(container: ContainerStatus, signal: AbortSignal): void {
    for (const instance of container.instances) {
      if (this.#seen.has(instance.containerId)) continue;
      this.#seen.add(instance.containerId);
      if (this.#isFollowedAsEarlier(container.name, instance)) continue;
      const before = this.#latest.get(container.name);
      const done = this.#follow(container, instance, before, signal);
      this.#latest.set(container.name, { instance, done });
      this.#running.add(done);
      done.then(
        () => this.#running.delete(done),
        (error: unknown) => this.#failed.abort(error),
      );
    }
  }

  #source(container: string, restart: number): string {
    return encodeSource({ podUid: this.#pod.pod.uid, container, restart });
  }

  /** While the next instance is being made, the count may be its own already, and this one the one before. */
  #isFollowedAsEarlier(container: string, { restart, containerId }: Instance): boolean {
    if (restart === 0) return false;
    const cursor = decodeCursor(this.#sink.cursor(this.#source(container, restart - 1)));
    return cursor?.containerId === containerId;
  }

  async #follow(
    { name, image }: ContainerStatus,
    instance: Instance,
    before: { instance: Instance; done: Promise<void> } | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    if (before) await this.#handover(before.done, signal);
    if (signal.aborted) return;
    const { restart } = instance;
    this.#forgetBefore(name, restart);
    const source = this.#source(name, restart);
    const labels = { podName: this.#pod.pod.name, container: name, restart };
    const follower = new ContainerFollower(this.#access, {
      pod: this.#pod,
      container: name,
      image,
      instance,
      open: () => this.#sink.open(source, labels),
      cursor: this.#sink.cursor(source),
      lostBefore: this.#missesEarlier(name, restart, before?.instance.restart),
    });
    await follower.run(signal);
    if (!signal.aborted) this.#finished.add(source);
  }

  /** Of a container that restarts for ever, the two latest instances are enough to go on from. */
  #forgetBefore(container: string, restart: number): void {
    const old: string[] = [];
    for (let before = restart - 2; before >= 0; before--) {
      const source = this.#source(container, before);
      const cursor = this.#finished.has(source) ? 'exited' : decodeCursor(this.#sink.cursor(source))?.phase;
      if (cursor === undefined) break;
      if (cursor === 'exited') old.push(source);
      this.#finished.delete(source);
    }
    if (old.length > 0) this.#sink.forget(old);
  }

  /** Whether instances ran of which nobody read anything: a kubelet keeps the log of the latest two only. */
  #missesEarlier(container: string, restart: number, before: number | undefined): boolean {
    if (restart === 0 || before === restart - 1) return false;
    return this.#sink.cursor(this.#source(container, restart - 1)) === undefined;
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
