import { Inject, Injectable } from '@nestjs/common';
import { idOf, kindOf } from '@kubidu/contracts';
import type { Source, StreamId } from '@kubidu/contracts';
import { Masker, WriteBudget, systemClock } from '@kubidu/core';
import type { Leases, LogStore, SourceService } from '@kubidu/core';
import type { Logger } from 'pino';

import { InjectConfig } from '../config/config.module.ts';
import type { Config } from '../config/config.ts';
import { LOGGER } from '../logging/logger.ts';
import { Metrics } from '../ops/metrics.ts';
import { LEASES, LOG_STORE } from '../store/store.module.ts';
import { ServiceFollow } from './service-follow.ts';
import type { FollowContext } from './service-follow.ts';
import { Sources } from './sources.ts';

/** How long a service is followed on after its last reader left (on demand), or its last pod went, in milliseconds. */
const LINGER_MS = 30_000;

/**
 * Follows the services that the sources know, each under a lease, so that of several replicas one does. With
 * KUBIDU_COLLECT=on-demand only those that somebody reads, and those whose output could not be read later.
 */
@Injectable()
export class Collector {
  readonly #context: FollowContext;
  readonly #follows = new Map<string, ServiceFollow>();
  readonly #wanted = new Map<string, number>();
  readonly #lingering = new Map<string, NodeJS.Timeout>();
  readonly #listeners = new Map<string, Set<() => void>>();
  readonly #ending = new Set<Promise<void>>();
  readonly #collects: boolean;
  readonly #onDemand: boolean;
  #closed = false;

  constructor(
    @InjectConfig() config: Config,
    @Inject(LOG_STORE) store: LogStore,
    @Inject(LEASES) leases: Leases,
    @Inject(LOGGER) logger: Logger,
    metrics: Metrics,
    masker: Masker,
    private readonly known: Sources,
  ) {
    this.#collects = config.KUBIDU_ROLES.includes('collector');
    this.#onDemand = config.KUBIDU_COLLECT === 'on-demand';
    this.#context = { store, leases, clock: systemClock, budget: new WriteBudget(), masker, metrics, logger };
    known.onChange((services) => this.#reconcile(services));
  }

  /**
   * Says that somebody reads the stream, until the returned thing is disposed of; then the service is followed for 30 s
   * more, since readers reconnect. Means nothing where everything is followed anyway.
   */
  want(stream: StreamId): AsyncDisposable {
    if (kindOf(stream) !== 'runtime' || this.#closed) return { [Symbol.asyncDispose]: async () => undefined };
    const serviceId = idOf(stream);
    this.#wanted.set(serviceId, (this.#wanted.get(serviceId) ?? 0) + 1);
    this.#keep(serviceId);
    this.#follows.get(serviceId)?.want(true);
    let held = true;
    return {
      [Symbol.asyncDispose]: async () => {
        if (held) this.#unwant(serviceId);
        held = false;
      },
    };
  }

  /** Who writes the stream now: exact where this process follows it, else as the cluster says. */
  sources(stream: StreamId): readonly Source[] {
    if (kindOf(stream) !== 'runtime') return [];
    const serviceId = idOf(stream);
    const followed = this.#follows.get(serviceId)?.sources;
    if (followed) return followed;
    const pods = this.known.service(serviceId)?.pods ?? [];
    return pods.map(({ podName, container, state }) => ({ podName, container, state }));
  }

  /** Calls the listener when `sources(stream)` may answer differently, until the returned function is called. */
  onSources(stream: StreamId, listener: () => void): () => void {
    const serviceId = idOf(stream);
    const listeners = this.#listeners.get(serviceId) ?? new Set();
    this.#listeners.set(serviceId, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(serviceId) === listeners) this.#listeners.delete(serviceId);
    };
  }

  /** Stops every follow: what was read is stored, leases are given up, so that another replica goes on at once. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#lingering.values()) clearTimeout(timer);
    this.#lingering.clear();
    await Promise.all([...this.#ending, ...[...this.#follows.values()].map((follow) => follow.close())]);
    this.#follows.clear();
  }

  #reconcile(services: readonly SourceService[]): void {
    if (this.#closed) return;
    const present = new Set(services.map(({ serviceId }) => serviceId));
    for (const serviceId of present) {
      if (this.#collects && !this.#follows.has(serviceId)) this.#begin(serviceId);
      this.#keep(serviceId);
      this.#tell(serviceId);
    }
    // The last lines of the last pod are still on their way.
    for (const serviceId of this.#follows.keys())
      if (!present.has(serviceId)) {
        this.#linger(serviceId);
        this.#tell(serviceId);
      }
  }

  #begin(serviceId: string): void {
    const source = this.known.of(serviceId);
    if (!source) return;
    const follow = new ServiceFollow(serviceId, source, this.#context, () => this.#tell(serviceId));
    this.#follows.set(serviceId, follow);
    follow.want(this.#wants(serviceId));
  }

  #wants(serviceId: string): boolean {
    if (!this.#onDemand || this.#wanted.has(serviceId)) return true;
    return this.known.of(serviceId)?.capabilities.rereadable === false;
  }

  #unwant(serviceId: string): void {
    const left = (this.#wanted.get(serviceId) ?? 1) - 1;
    if (left > 0) this.#wanted.set(serviceId, left);
    else this.#wanted.delete(serviceId);
    if (left <= 0 && this.#onDemand) this.#linger(serviceId);
  }

  /** The service goes on being followed. */
  #keep(serviceId: string): void {
    if (!this.#wants(serviceId)) return;
    clearTimeout(this.#lingering.get(serviceId));
    this.#lingering.delete(serviceId);
  }

  /** Looks in a while whether the service is still there and wanted, and ends what is not. */
  #linger(serviceId: string): void {
    if (this.#closed || this.#lingering.has(serviceId)) return;
    const look = () => {
      this.#lingering.delete(serviceId);
      const follow = this.#follows.get(serviceId);
      if (!follow) return;
      if (this.known.service(serviceId)) follow.want(this.#wants(serviceId));
      else this.#end(serviceId, follow);
    };
    this.#lingering.set(serviceId, setTimeout(look, LINGER_MS));
  }

  #end(serviceId: string, follow: ServiceFollow): void {
    this.#follows.delete(serviceId);
    const ending = follow.close().finally(() => this.#ending.delete(ending));
    this.#ending.add(ending);
  }

  #tell(serviceId: string): void {
    for (const listener of this.#listeners.get(serviceId) ?? []) listener();
  }
}
