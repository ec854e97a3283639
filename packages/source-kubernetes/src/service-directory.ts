import type { SourceService } from '@kubidu/core';

import { ObjectWatch } from './object-watch.ts';
import { podOf } from './pod.ts';
import type { ApiServer } from './api-server.ts';
import type { Pod, RawPod } from './pod.ts';
import type { Timing } from './timing.ts';

export const SERVICE_LABEL = 'kubidu.io/service-id';
export const TENANT_LABEL = 'kubidu.io/tenant-id';
export const LOGS_LABEL = 'kubidu.io/logs';

/** A pod that carries a service's label in a namespace that does not own it. */
export interface ForeignPod {
  readonly serviceId: string;
  readonly namespace: string;
  readonly podName: string;
  /** The namespace that owns the service. */
  readonly owner: string;
}

/** Hears of a service's pods. */
export interface PodListener {
  present(pod: Pod): void;
  /** `last`: the pod as it was at its end, where that is known. */
  absent(uid: string, last: Pod | undefined): void;
}

interface RawNamespace {
  readonly metadata: {
    readonly uid: string;
    readonly name: string;
    readonly resourceVersion: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
}

interface Service {
  readonly pods: Map<string, Pod>;
  owner: string | undefined;
}

export interface DirectoryOptions {
  readonly server: ApiServer;
  /** Absent: all. */
  readonly namespaces?: readonly string[];
  readonly timing: Timing;
  readonly onForeignPod?: (pod: ForeignPod) => void;
}

/**
 * Which pods belong to which service. The first namespace seen for a service owns it for as long as this process runs
 * and the namespace exists; of those seen at once, at the start, the one with the oldest pod (then the first by name).
 * Pods elsewhere are ignored: nobody writes into another tenant's stream by labelling a pod.
 */
export class ServiceDirectory {
  readonly #options: DirectoryOptions;
  readonly #watches: ObjectWatch<RawPod>[];
  readonly #namespaces: ObjectWatch<RawNamespace>;
  readonly #services = new Map<string, Service>();
  readonly #serviceOf = new Map<string, string>();
  readonly #tenants = new Map<string, string | undefined>();
  readonly #foreign = new Set<string>();
  readonly #listeners = new Map<string, Set<PodListener>>();
  #onChange: () => void = () => undefined;
  #listed = false;

  constructor(options: DirectoryOptions) {
    this.#options = options;
    const { server, timing, namespaces } = options;
    const watcher = {
      present: (pod: RawPod) => this.#present(podOf(pod), pod),
      absent: (uid: string, last: RawPod | undefined) => this.#absent(uid, last && podOf(last)),
    };
    const query = { labelSelector: SERVICE_LABEL };
    const paths = namespaces?.map((name) => `/api/v1/namespaces/${encodeURIComponent(name)}/pods`) ?? ['/api/v1/pods'];
    this.#watches = paths.map((path) => new ObjectWatch<RawPod>({ server, timing, path, query, watcher }));
    const names = new Map<string, string>();
    this.#namespaces = new ObjectWatch<RawNamespace>({
      server,
      timing,
      path: '/api/v1/namespaces',
      watcher: {
        present: ({ metadata: { uid, name, labels } }) => {
          names.set(uid, name);
          this.#tenants.set(name, labels?.[TENANT_LABEL]);
          this.#changed();
        },
        absent: (uid) => this.#namespaceGone(names.get(uid) ?? ''),
      },
    });
  }

  /** Pods whose label is not their namespace's to carry, since the start. */
  get foreignPods(): number {
    return this.#foreign.size;
  }

  get fault(): unknown {
    return this.#watches.map((watch) => watch.fault).find((fault) => fault !== undefined);
  }

  /** Watches until the signal aborts. `tried` is called once everything was listed, or could not be. */
  async run(onChange: () => void, tried: () => void, signal: AbortSignal): Promise<void> {
    this.#onChange = onChange;
    const watches = [this.#namespaces, ...this.#watches];
    const open = new Set<unknown>(watches);
    await Promise.all(
      watches.map((watch) =>
        watch.run(() => {
          if (!open.delete(watch) || open.size > 0) return;
          this.#settle();
          tried();
        }, signal),
      ),
    );
  }

  services(): SourceService[] {
    return [...this.#services]
      .filter(([, { owner, pods }]) => owner !== undefined && pods.size > 0)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([serviceId, service]) => {
        const tenant = this.#tenants.get(service.owner ?? '');
        return { serviceId, ...(tenant !== undefined && { tenant }), pods: this.#rows(service) };
      });
  }

  /** Tells of the service's pods, those that are there at once. Returns how to stop that. */
  listen(serviceId: string, listener: PodListener): () => void {
    const listeners = this.#listeners.get(serviceId) ?? new Set();
    this.#listeners.set(serviceId, listeners.add(listener));
    const service = this.#services.get(serviceId);
    for (const pod of service?.pods.values() ?? []) if (pod.namespace === service?.owner) listener.present(pod);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(serviceId) === listeners) this.#listeners.delete(serviceId);
    };
  }

  #rows({ pods, owner }: Service): SourceService['pods'] {
    return [...pods.values()]
      .filter(({ namespace }) => namespace === owner)
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .flatMap(({ name, containers }) =>
        containers.map(({ name: container, state, restart }) => ({ podName: name, container, state, restart })),
      );
  }

  #present(pod: Pod, { metadata }: RawPod): void {
    const serviceId = pod.labels[SERVICE_LABEL] ?? '';
    const known = this.#serviceOf.get(pod.uid);
    const annotations = (metadata as { annotations?: Record<string, string> }).annotations;
    const optedOut = pod.labels[LOGS_LABEL] === 'false' || annotations?.[LOGS_LABEL] === 'false';
    if (known !== undefined && (known !== serviceId || optedOut)) this.#absent(pod.uid, undefined);
    if (serviceId === '' || optedOut) return;
    const service = this.#services.get(serviceId) ?? { pods: new Map<string, Pod>(), owner: undefined };
    this.#services.set(serviceId, service);
    service.pods.set(pod.uid, pod);
    this.#serviceOf.set(pod.uid, serviceId);
    if (this.#listed) this.#offer(serviceId, service, pod);
    this.#changed();
  }

  #offer(serviceId: string, service: Service, pod: Pod): void {
    service.owner ??= oldest(service.pods.values())?.namespace;
    if (pod.namespace === service.owner) {
      for (const listener of this.#listeners.get(serviceId) ?? []) listener.present(pod);
    } else if (!this.#foreign.has(pod.uid)) {
      this.#foreign.add(pod.uid);
      const { namespace, name: podName } = pod;
      this.#options.onForeignPod?.({ serviceId, namespace, podName, owner: service.owner ?? '' });
    }
  }

  /** The first lists are there: owners are found among all pods, not among those that happened to come first. */
  #settle(): void {
    this.#listed = true;
    for (const [serviceId, service] of this.#services)
      for (const pod of [...service.pods.values()]) this.#offer(serviceId, service, pod);
  }

  #absent(uid: string, last: Pod | undefined): void {
    const serviceId = this.#serviceOf.get(uid);
    const service = this.#services.get(serviceId ?? '');
    if (serviceId === undefined || !service) return;
    this.#serviceOf.delete(uid);
    const pod = service.pods.get(uid);
    service.pods.delete(uid);
    if (pod?.namespace === service.owner)
      for (const listener of this.#listeners.get(serviceId) ?? []) listener.absent(uid, last);
    this.#changed();
  }

  #namespaceGone(name: string): void {
    this.#tenants.delete(name);
    for (const [serviceId, service] of this.#services) {
      if (service.owner !== name) continue;
      service.owner = undefined;
      if (service.pods.size === 0) this.#services.delete(serviceId);
      for (const pod of [...service.pods.values()]) this.#offer(serviceId, service, pod);
    }
    this.#changed();
  }

  #changed(): void {
    if (this.#listed) this.#onChange();
  }
}

function oldest(pods: Iterable<Pod>): Pod | undefined {
  return [...pods].sort((a, b) => compare(a.createdAt, b.createdAt) || compare(a.namespace, b.namespace))[0];
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
