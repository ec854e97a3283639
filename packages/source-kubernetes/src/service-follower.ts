import { setTimeout as sleep } from 'node:timers/promises';

import type { Sink } from '@kubidu/core';
import { LogsError } from '@kubidu/core';

import { isForbidden, isNotFound } from './api-server.ts';
import { SinkError } from './delivery.ts';
import { isToldDeleted, knownPods, tellDeparted } from './departed-pods.ts';
import { PodFollower } from './pod-follower.ts';
import { podOf } from './pod.ts';
import { PodView } from './pod-view.ts';
import { Releases } from './releases.ts';
import { retryDelay } from './timing.ts';
import type { LogAccess } from './container-log.ts';
import type { KnownPod } from './departed-pods.ts';
import type { Pod, RawPod } from './pod.ts';
import type { ServiceDirectory } from './service-directory.ts';

interface Followed {
  readonly view: PodView;
  readonly release: AbortController;
}

/** Follows the pods of one service, those that come later too. Owns their followers: none outlives `run`. */
export class ServiceFollower {
  readonly #access: LogAccess;
  readonly #directory: ServiceDirectory;
  readonly #sink: Sink;
  readonly #pods = new Map<string, Followed>();
  readonly #releases: Releases;
  readonly #running = new Set<Promise<void>>();
  readonly #failed = new AbortController();
  #shown = '';

  constructor(access: LogAccess, directory: ServiceDirectory, sink: Sink) {
    this.#access = access;
    this.#directory = directory;
    this.#sink = sink;
    this.#releases = new Releases(sink, () => [...this.#pods.values()].map(({ view }) => view));
  }

  /** Pods followed now. */
  get size(): number {
    return this.#pods.size;
  }

  /** Resolves once the signal aborted and nothing is left. @throws what the sink did */
  async run(serviceId: string, owner: AbortSignal): Promise<void> {
    const signal = AbortSignal.any([owner, this.#failed.signal]);
    const stop = this.#directory.listen(serviceId, {
      present: (pod) => this.#present(pod, signal),
      absent: (uid, last) => this.#absent(uid, last, signal),
    });
    this.#own(this.#tellDeparted(signal));
    this.#show();
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', () => resolve(), { once: true });
    });
    stop();
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
    if (this.#failed.signal.aborted) throw this.#failed.signal.reason as Error;
  }

  #present(pod: Pod, signal: AbortSignal): void {
    if (signal.aborted) return;
    const known = this.#pods.get(pod.uid);
    if (known) known.view.update(pod);
    else if (!isToldDeleted(this.#sink, pod.uid)) this.#follow(pod, signal);
    this.#show();
  }

  #follow(pod: Pod, signal: AbortSignal): void {
    const release = new AbortController();
    const view = new PodView(pod, (asking) => this.#fetch(pod, asking));
    this.#pods.set(pod.uid, { view, release });
    const follower = new PodFollower(this.#access, view, this.#sink, this.#releases);
    this.#own(
      follower.run(AbortSignal.any([signal, release.signal])).finally(() => {
        this.#pods.delete(pod.uid);
        this.#show();
      }),
    );
  }

  /** Gone from what is watched: deleted, or its labels say now that it is not (to be) followed. */
  #absent(uid: string, last: Pod | undefined, signal: AbortSignal): void {
    const followed = this.#pods.get(uid);
    if (last) followed?.view.update(last);
    followed?.view.markSettled();
    if (followed) this.#own(this.#letGo(followed, signal));
  }

  async #letGo({ view, release }: Followed, signal: AbortSignal): Promise<void> {
    while (!signal.aborted && !view.deleted) {
      const pod = await this.#fetch(view.pod, signal).catch(() => 'fault' as const);
      if (pod === undefined) view.markDeleted();
      else if (pod !== 'fault') return release.abort();
      else await view.changed(this.#access.timing.retryMs, signal);
    }
  }

  async #fetch({ namespace, name, uid }: KnownPod, signal: AbortSignal): Promise<Pod | undefined> {
    const { server, timing } = this.#access;
    try {
      const path = `/api/v1/namespaces/${namespace}/pods/${name}`;
      const raw = (await server.json(path, { signal, headMs: timing.headMs })) as RawPod;
      return raw.metadata.uid === uid ? podOf(raw) : undefined;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /** Pods that went while nobody followed the service, not even another replica. */
  async #tellDeparted(signal: AbortSignal): Promise<void> {
    for (const known of knownPods(this.#sink, (uid) => this.#pods.has(uid))) {
      let pod: Pod | 'fault' | 'forbidden' | undefined = 'fault';
      for (let tries = 0; pod === 'fault' && !signal.aborted; tries++) {
        // Who may not ask cannot know that it is gone.
        pod = await this.#fetch(known, signal).catch((error: unknown) => (isForbidden(error) ? 'forbidden' : 'fault'));
        if (pod === 'fault') await pause(retryDelay(tries, this.#access.timing.retryMs), signal);
      }
      if (pod === undefined && !this.#pods.has(known.uid)) await tellDeparted(this.#sink, known);
    }
  }

  #own(task: Promise<void>): void {
    this.#running.add(task);
    task.then(
      () => this.#running.delete(task),
      (error: unknown) => {
        this.#running.delete(task);
        this.#failed.abort(causeOf(error));
      },
    );
  }

  #show(): void {
    const sources = [...this.#pods.values()].flatMap(({ view }) =>
      view.pod.containers.map(({ name, state }) => ({ podName: view.pod.name, container: name, state })),
    );
    const shown = JSON.stringify(sources);
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#sink.sources(sources);
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}

function causeOf(error: unknown): Error {
  if (error instanceof SinkError && error.cause instanceof Error) return error.cause;
  return error instanceof Error ? error : new LogsError('INTERNAL', 'following failed', { cause: error });
}
