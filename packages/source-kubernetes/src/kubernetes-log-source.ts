import { setTimeout as sleep } from 'node:timers/promises';

import type { LogSource, ServiceOwners, Sink, SourceCapabilities, SourceService } from '@kubidu/core';
import { LogsError, MemoryServiceOwners } from '@kubidu/core';

import { ApiServer } from './api-server.ts';
import { IntakeBudget } from './intake.ts';
import { openAccess } from './kubeconfig-access.ts';
import { RotatedFiles } from './rotated-files.ts';
import { ServiceDirectory } from './service-directory.ts';
import { ServiceFollower } from './service-follower.ts';
import { defaultTiming } from './timing.ts';
import type { Access } from './api-server.ts';
import type { AccessMode } from './kubeconfig-access.ts';
import type { ForeignPod } from './service-directory.ts';
import type { Timing } from './timing.ts';

/** How the cluster is reached and what is followed. */
export interface KubernetesOptions {
  readonly mode: AccessMode;
  /** Path of the kubeconfig; absent: KUBECONFIG, else ~/.kube/config. */
  readonly kubeconfig?: string;
  /** Namespaces to look at; absent: all. */
  readonly namespaces?: readonly string[];
  /**
   * Whose each service is; the source does not close it. Absent: remembered by this source alone, so that after its end
   * a service can become another's.
   */
  readonly owners?: ServiceOwners;
  /** Called once for each pod that carries a service's label outside of the namespace that owns the service. */
  readonly onForeignPod?: (pod: ForeignPod) => void;
  /** Waits; absent ones are as in {@link defaultTiming}. */
  readonly timing?: Partial<Timing>;
}

/** What a source counts. */
export interface KubernetesStats {
  /** Pods ignored now because their namespace does not own the service that their label names. */
  readonly foreignPods: number;
  /** Pods followed now. */
  readonly followedPods: number;
  /** Bytes of logs received and not parsed yet. */
  readonly unparsedBytes: number;
}

const CHANGES_MS = 200;

/** The services of a cluster, by the labels of its pods. */
export class KubernetesLogSource implements LogSource {
  readonly capabilities: SourceCapabilities = { rereadable: true };
  readonly #access: Access;
  readonly #server: ApiServer;
  readonly #timing: Timing;
  readonly #rotated: RotatedFiles;
  readonly #directory: ServiceDirectory;
  readonly #budget = new IntakeBudget();
  readonly #stop = new AbortController();
  readonly #followers = new Set<ServiceFollower>();
  readonly #follows = new Set<Promise<void>>();
  #watching: Promise<void> | undefined;
  #notifying: Promise<void> | undefined;

  private constructor(access: Access, options: Omit<KubernetesOptions, 'mode' | 'kubeconfig'>) {
    this.#access = access;
    this.#server = new ApiServer(access);
    this.#timing = { ...defaultTiming, ...options.timing };
    this.#rotated = new RotatedFiles(this.#server, this.#timing.headMs);
    const { namespaces, onForeignPod, owners = new MemoryServiceOwners() } = options;
    this.#directory = new ServiceDirectory({
      server: this.#server,
      timing: this.#timing,
      owners,
      ...(namespaces && { namespaces }),
      ...(onForeignPod && { onForeignPod }),
    });
  }

  /** Reads the credentials; asks the cluster nothing yet. @throws {LogsError} INVALID_ARGUMENT when there are none */
  static async open(options: KubernetesOptions): Promise<KubernetesLogSource> {
    return new KubernetesLogSource(await openAccess(options.mode, options.kubeconfig), options);
  }

  /** With another way of access than a kubeconfig; closes it at the end. */
  static with(access: Access, options: Omit<KubernetesOptions, 'mode' | 'kubeconfig'> = {}): KubernetesLogSource {
    return new KubernetesLogSource(access, options);
  }

  async start(onChange: () => void): Promise<void> {
    if (this.#watching) throw new LogsError('CONFLICT', 'the source is started already');
    await new Promise<void>((tried) => {
      this.#watching = this.#directory.run(() => this.#changed(onChange), tried, this.#stop.signal);
    });
  }

  services(): readonly SourceService[] {
    return this.#directory.services();
  }

  async follow(serviceId: string, sink: Sink, signal: AbortSignal): Promise<void> {
    const access = { server: this.#server, budget: this.#budget, timing: this.#timing, rotated: this.#rotated };
    const follower = new ServiceFollower(access, this.#directory, sink);
    const running = follower.run(serviceId, AbortSignal.any([signal, this.#stop.signal]));
    this.#followers.add(follower);
    this.#follows.add(running);
    try {
      await running;
    } finally {
      this.#followers.delete(follower);
      this.#follows.delete(running);
    }
  }

  health(): { readonly ok: boolean; readonly detail?: string } {
    const { fault } = this.#directory;
    if (fault === undefined) return { ok: true };
    return { ok: false, detail: fault instanceof Error ? fault.message : 'the cluster was not reached yet' };
  }

  stats(): KubernetesStats {
    let followedPods = 0;
    for (const follower of this.#followers) followedPods += follower.size;
    return { foreignPods: this.#directory.foreignPods, followedPods, unparsedBytes: this.#budget.usedBytes };
  }

  /** Ends all follows and watches; resolves once nothing is left of them. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await Promise.allSettled([...this.#follows, this.#watching, this.#notifying]);
    this.#access[Symbol.dispose]();
  }

  /** At most five times a second. */
  #changed(onChange: () => void): void {
    this.#notifying ??= sleep(CHANGES_MS, undefined, { signal: this.#stop.signal })
      .then(() => {
        this.#notifying = undefined;
        onChange();
      })
      .catch(() => undefined);
  }
}
