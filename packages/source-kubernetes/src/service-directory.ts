import type { Owner, ServiceOwners, SourceService } from '@kubidu/core';

import { isForbidden } from './api-server.ts';
import { ClusterService } from './cluster-service.ts';
import { ObjectWatch } from './object-watch.ts';
import { podOf } from './pod.ts';
import { ServiceClaims } from './service-claims.ts';
import type { ApiServer } from './api-server.ts';
import type { Pod, RawPod } from './pod.ts';
import type { Timing } from './timing.ts';

const SERVICE_LABEL = 'kubidu.io/service-id';
const TENANT_LABEL = 'kubidu.io/tenant-id';
const LOGS_LABEL = 'kubidu.io/logs';

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

export interface DirectoryOptions {
  readonly server: ApiServer;
  /** Absent: all. */
  readonly namespaces?: readonly string[];
  readonly timing: Timing;
  readonly owners: ServiceOwners;
  readonly onForeignPod?: (pod: ForeignPod) => void;
}

/**
 * Which pods belong to which service. The first namespace seen for a service owns it, as the {@link ServiceOwners} know;
 * of those seen at once, at the start, the one with the oldest pod claims it (then the first by name). Pods elsewhere are
 * ignored: nobody writes into another tenant's stream by labelling a pod. While it is not known whose a service is, it is
 * nobody's: none of its pods is listed, or told of.
 */
export class ServiceDirectory {
  readonly #options: DirectoryOptions;
  readonly #watches: ObjectWatch<RawPod>[];
  readonly #namespaces: ObjectWatch<RawNamespace>;
  readonly #claims: ServiceClaims;
  readonly #services = new Map<string, ClusterService>();
  readonly #serviceOf = new Map<string, string>();
  readonly #tenants = new Map<string, string | undefined>();
  readonly #foreign = new Set<string>();
  readonly #listeners = new Map<string, Set<PodListener>>();
  #onChange: () => void = () => undefined;
  #onTried: () => void = () => undefined;
  #listed = false;

  constructor(options: DirectoryOptions) {
    this.#options = options;
    const { server, timing, namespaces, owners } = options;
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
          this.#labelled(name, labels?.[TENANT_LABEL]);
        },
        absent: (uid) => {
          const name = names.get(uid) ?? '';
          names.delete(uid);
          // Another of the same name may be there by now.
          if (![...names.values()].includes(name)) this.#tenants.delete(name);
          this.#changed();
        },
      },
    });
    this.#claims = new ServiceClaims({
      owners,
      timing,
      claimant: (serviceId) => this.#claimant(serviceId),
      onOwner: (serviceId, owner) => this.#owned(serviceId, owner),
      onTried: () => this.#onTried(),
      due: () => this.#due(),
    });
  }

  /** Pods whose label is not their namespace's to carry, now. */
  get foreignPods(): number {
    return this.#foreign.size;
  }

  get fault(): unknown {
    return [...this.#watches, this.#claims].map(({ fault }) => fault).find((fault) => fault !== undefined);
  }

  /** Watches until the signal aborts. `tried` is called once everything was listed and claimed, or could not be. */
  async run(onChange: () => void, tried: () => void, signal: AbortSignal): Promise<void> {
    this.#onChange = onChange;
    const watches = [this.#namespaces, ...this.#watches];
    const untried = new Set<unknown>(watches);
    const unlisted = new Set<unknown>(this.#watches);
    const heard = (watch: { readonly fault: unknown }) => {
      untried.delete(watch);
      // What cannot be seen for a moment may hold the older pod, and a wrong owner stays one for days.
      if (watch.fault === undefined || isForbidden(watch.fault)) unlisted.delete(watch);
      if (untried.size > 0 || this.#listed) return;
      if (unlisted.size > 0) tried();
      else this.#settle(tried);
    };
    await Promise.all([this.#claims.run(signal), ...watches.map((watch) => watch.run(() => heard(watch), signal))]);
  }

  services(): SourceService[] {
    return [...this.#services]
      .filter(([, { own }]) => own.length > 0)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([serviceId, service]) => {
        const tenant = this.#tenantOf(service.owner);
        return { serviceId, ...(tenant !== undefined && { tenant }), pods: service.rows() };
      });
  }

  /** Tells of the service's pods, those that are there at once. Returns how to stop that. */
  listen(serviceId: string, listener: PodListener): () => void {
    const listeners = this.#listeners.get(serviceId) ?? new Set();
    this.#listeners.set(serviceId, listeners.add(listener));
    for (const pod of this.#services.get(serviceId)?.own ?? []) listener.present(pod);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(serviceId) === listeners) this.#listeners.delete(serviceId);
    };
  }

  #present(pod: Pod, { metadata }: RawPod): void {
    const serviceId = pod.labels[SERVICE_LABEL] ?? '';
    const known = this.#serviceOf.get(pod.uid);
    const annotations = (metadata as { annotations?: Record<string, string> }).annotations;
    const optedOut = pod.labels[LOGS_LABEL] === 'false' || annotations?.[LOGS_LABEL] === 'false';
    if (known !== undefined && (known !== serviceId || optedOut)) this.#absent(pod.uid, undefined);
    if (serviceId === '' || optedOut) return;
    const service = this.#services.get(serviceId) ?? new ClusterService();
    this.#services.set(serviceId, service);
    service.pods.set(pod.uid, pod);
    this.#serviceOf.set(pod.uid, serviceId);
    if (service.owner) this.#offer(serviceId, service.owner, pod);
    else if (this.#listed) this.#claims.want([serviceId]);
    this.#changed();
  }

  #offer(serviceId: string, owner: Owner, pod: Pod): void {
    if (pod.namespace === owner.namespace) {
      this.#foreign.delete(pod.uid);
      for (const listener of this.#listeners.get(serviceId) ?? []) listener.present(pod);
    } else if (!this.#foreign.has(pod.uid)) {
      this.#foreign.add(pod.uid);
      const { namespace, name: podName } = pod;
      this.#options.onForeignPod?.({ serviceId, namespace, podName, owner: owner.namespace });
    }
  }

  /** The first lists are there: claimants are found among all pods, not among those that happened to come first. */
  #settle(tried: () => void): void {
    this.#listed = true;
    this.#onTried = tried;
    this.#claims.want(this.#services.keys());
  }

  async #claimant(serviceId: string): Promise<Owner | undefined> {
    const namespace = this.#services.get(serviceId)?.claimant;
    if (namespace === undefined) return undefined;
    if (this.#tenants.has(namespace)) return ownerOf(namespace, this.#tenants.get(namespace));
    // Its label cannot be seen (yet): what was seen last goes on to count.
    const standing = await this.#options.owners.owner(serviceId);
    return standing?.namespace === namespace ? standing : { namespace };
  }

  #owned(serviceId: string, owner: Owner): void {
    const service = this.#services.get(serviceId);
    if (!service) return;
    const before = service.owner;
    if (before && before.namespace !== owner.namespace)
      for (const { uid } of service.own) this.#tellAbsent(serviceId, uid, undefined);
    service.owner = owner;
    if (before?.namespace === owner.namespace) return;
    for (const pod of service.pods.values()) this.#offer(serviceId, owner, pod);
    this.#changed();
  }

  /** A service without pods is forgotten now, and asked for again when it has some. */
  #due(): Iterable<string> {
    if (!this.#listed) return [];
    for (const [serviceId, { pods }] of this.#services) if (pods.size === 0) this.#services.delete(serviceId);
    return this.#services.keys();
  }

  #labelled(namespace: string, tenant: string | undefined): void {
    if (!this.#tenants.has(namespace) || this.#tenants.get(namespace) !== tenant) {
      this.#tenants.set(namespace, tenant);
      const owned = [...this.#services].filter(([, { owner }]) => owner?.namespace === namespace);
      this.#claims.want(owned.map(([serviceId]) => serviceId));
    }
    this.#changed();
  }

  #tenantOf(owner: Owner | undefined): string | undefined {
    if (!owner || !this.#tenants.has(owner.namespace)) return owner?.tenant;
    return this.#tenants.get(owner.namespace);
  }

  #absent(uid: string, last: Pod | undefined): void {
    const serviceId = this.#serviceOf.get(uid);
    const service = this.#services.get(serviceId ?? '');
    if (serviceId === undefined || !service) return;
    this.#serviceOf.delete(uid);
    const pod = service.pods.get(uid);
    service.pods.delete(uid);
    this.#foreign.delete(uid);
    if (service.owns(pod)) this.#tellAbsent(serviceId, uid, last);
    this.#changed();
  }

  #tellAbsent(serviceId: string, uid: string, last: Pod | undefined): void {
    for (const listener of this.#listeners.get(serviceId) ?? []) listener.absent(uid, last);
  }

  #changed(): void {
    if (this.#listed) this.#onChange();
  }
}

function ownerOf(namespace: string, tenant: string | undefined): Owner {
  return { namespace, ...(tenant !== undefined && { tenant }) };
}
