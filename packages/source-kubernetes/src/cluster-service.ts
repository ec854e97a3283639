import type { Owner, SourceService } from '@kubidu/core';

import type { Pod } from './pod.ts';

/** A service as the labels of pods tell it, whosever they are. */
export class ClusterService {
  /** By UID, those of other namespaces too. */
  readonly pods = new Map<string, Pod>();
  /** Whose the service is; undefined until that is known. */
  owner: Owner | undefined;

  owns(pod: Pod | undefined): boolean {
    return pod !== undefined && pod.namespace === this.owner?.namespace;
  }

  /** The owner's pods, by name. */
  get own(): Pod[] {
    return [...this.pods.values()].filter((pod) => this.owns(pod)).sort((a, b) => compare(a.name, b.name));
  }

  /** The namespace for which the service is claimed: its owner while that has pods, else whose pod is the oldest. */
  get claimant(): string | undefined {
    if (this.own.length > 0) return this.owner?.namespace;
    const byAge = [...this.pods.values()].sort(
      (a, b) => compare(a.createdAt, b.createdAt) || compare(a.namespace, b.namespace),
    );
    return byAge[0]?.namespace;
  }

  /** The owner's pods as a service lists them. */
  rows(): SourceService['pods'] {
    return this.own.flatMap(({ name, containers }) =>
      containers.map(({ name: container, state, restart }) => ({ podName: name, container, state, restart })),
    );
  }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
