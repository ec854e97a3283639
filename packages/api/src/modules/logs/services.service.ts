import { Inject, Injectable } from '@nestjs/common';
import { LIMITS, idOf, streamId } from '@kubidu/contracts';
import type { Service, StreamId } from '@kubidu/contracts';
import { LogsError } from '@kubidu/core';
import type { Deployments, LogStore, SourceService } from '@kubidu/core';

import { Access } from '../auth/access.ts';
import type { ApiPrincipal } from '../auth/api-principal.ts';
import { Tenants } from '../auth/tenants.ts';
import { Sources } from '../collect/sources.ts';
import { DEPLOYMENTS, LOG_STORE } from '../store/store.module.ts';

const MOST_STORED = 10_000;
/** Of one service: the builds of another tenant, from before it was anybody's, may be among them. */
const LATEST_LOOKED_AT = 20;

/** Services: those that a source knows now, and those that have written before. */
@Injectable()
export class ServicesService {
  constructor(
    @Inject(LOG_STORE) private readonly store: LogStore,
    @Inject(DEPLOYMENTS) private readonly deployments: Deployments,
    private readonly access: Access,
    private readonly sources: Sources,
    private readonly tenants: Tenants,
  ) {}

  /** Services whose stream one may read, in the order of their ids. */
  async list(principal: ApiPrincipal): Promise<Service[]> {
    this.access.mustBeReader(principal);
    const known = new Map(this.sources.services().map((service) => [service.serviceId, service]));
    const ids = new Set(known.keys());
    for await (const stream of this.#stored()) ids.add(idOf(stream));
    const services = await Promise.all(
      [...ids].map(async (serviceId) => {
        if (!(await this.access.may(principal, 'read', `runtime:${serviceId}`))) return undefined;
        return this.#withLatest(principal, known.get(serviceId) ?? (await this.#withoutPods(serviceId)));
      }),
    );
    return services.filter((service) => service !== undefined).sort((a, b) => (a.serviceId < b.serviceId ? -1 : 1));
  }

  /** @throws {LogsError} NOT_FOUND */
  async one(principal: ApiPrincipal, serviceId: string): Promise<Service> {
    const stream = streamId('runtime', serviceId);
    if (!stream || !(await this.access.may(principal, 'read', stream))) throw noSuchService(serviceId);
    const service = this.sources.service(serviceId);
    if (!service && (await this.store.head(stream)).lastIndex === 0) throw noSuchService(serviceId);
    return this.#withLatest(principal, service ?? (await this.#withoutPods(serviceId)));
  }

  /** As it is listed, with the newest of its deployments that one may see. */
  async #withLatest(principal: ApiPrincipal, service: SourceService): Promise<Service> {
    for (const record of await this.deployments.list({ serviceId: service.serviceId, limit: LATEST_LOOKED_AT })) {
      this.tenants.learnBuild(record);
      const { deploymentId } = record;
      if (await this.access.may(principal, 'read', `build:${deploymentId}`))
        return { ...toService(service), latestDeploymentId: deploymentId };
    }
    return toService(service);
  }

  async #withoutPods(serviceId: string): Promise<SourceService> {
    const tenant = await this.tenants.ofService(serviceId);
    return { serviceId, ...(tenant !== undefined && { tenant }), pods: [] };
  }

  async *#stored(): AsyncIterable<StreamId> {
    let after: StreamId | undefined;
    for (let seen = 0; seen < MOST_STORED;) {
      const page = await this.store.list({ kind: 'runtime', limit: LIMITS.streamsPage, ...(after && { after }) });
      for (const { stream } of page) yield stream;
      seen += page.length;
      after = page.at(-1)?.stream;
      if (page.length < LIMITS.streamsPage) return;
    }
  }
}

function toService({ serviceId, tenant, pods }: SourceService): Service {
  return {
    serviceId,
    ...(tenant !== undefined && { tenant }),
    pods: pods.map(({ podName, container, state, restart }) => ({ podName, container, state, restart })),
  };
}

function noSuchService(serviceId: string): LogsError {
  return new LogsError('NOT_FOUND', `there is no service ${serviceId.slice(0, 128)}`);
}
