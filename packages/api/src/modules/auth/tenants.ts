import { Inject, Injectable } from '@nestjs/common';
import { idOf, kindOf } from '@kubidu/contracts';
import type { StreamId } from '@kubidu/contracts';
import { hasCode } from '@kubidu/core';
import type { DeploymentRecord, Deployments, ServiceOwners, SourceService } from '@kubidu/core';

import { DEPLOYMENTS, SERVICE_OWNERS } from '../store/store.module.ts';

const MOST_REMEMBERED = 50_000;
/** How long an answer about a service without pods is believed, in milliseconds. */
const BELIEVED_MS = 5_000;

/** Whose something is; without a tenant it is the installation's. */
export interface Owned {
  readonly tenant?: string | undefined;
}

interface Remembered {
  /** Undefined where it is nobody's. */
  readonly owned: Owned | undefined;
  readonly askedAt: number;
}

/**
 * Which tenant a service or a build belongs to. A service: as the sources say while it has pods, else as the installation
 * knows its owner. A build: as its record says, for ever. So its lines can be read by their owner, and by nobody else,
 * whichever process is asked and whenever that was started.
 */
@Injectable()
export class Tenants {
  #told: ReadonlyMap<string, Owned> = new Map();
  /** What was asked, by stream, the oldest answer first. */
  readonly #remembered = new Map<StreamId, Remembered>();

  constructor(
    @Inject(SERVICE_OWNERS) private readonly owners: ServiceOwners,
    @Inject(DEPLOYMENTS) private readonly deployments: Deployments,
  ) {}

  /** Takes what the sources know now. A service whose tenant is no longer told loses it. */
  learn(services: readonly SourceService[]): void {
    const told = new Map(services.map(({ serviceId, tenant }) => [serviceId, { tenant }]));
    // Worth asking again at once, and good enough where nobody can be asked.
    for (const [serviceId, owned] of this.#told)
      if (!told.has(serviceId)) this.#remember(`runtime:${serviceId}`, { owned, askedAt: 0 });
    this.#told = told;
  }

  /** Takes a build's record, so that it need not be asked for. */
  learnBuild({ deploymentId, tenant }: DeploymentRecord): void {
    this.#remember(`build:${deploymentId}`, { owned: { tenant }, askedAt: Infinity });
  }

  /** The service's tenant; undefined where there is none or none is known. @throws {LogsError} UNAVAILABLE */
  async ofService(serviceId: string): Promise<string | undefined> {
    return (await this.ownerOf(serviceId))?.tenant;
  }

  /** Whose a service is; undefined where nobody is known to have it. @throws {LogsError} UNAVAILABLE */
  async ownerOf(serviceId: string): Promise<Owned | undefined> {
    return this.#told.get(serviceId) ?? this.#ask(`runtime:${serviceId}`, () => this.owners.owner(serviceId));
  }

  /** Whose the stream's service or build is; undefined where nobody is known to have it. @throws {LogsError} UNAVAILABLE */
  async ofStream(stream: StreamId): Promise<Owned | undefined> {
    if (kindOf(stream) === 'runtime') return this.ownerOf(idOf(stream));
    if (kindOf(stream) !== 'build') return undefined;
    return this.#ask(stream, () => this.deployments.get(idOf(stream)));
  }

  async #ask(stream: StreamId, ask: () => Promise<Owned | undefined>): Promise<Owned | undefined> {
    const remembered = this.#remembered.get(stream);
    if (remembered && Date.now() - remembered.askedAt < BELIEVED_MS) return remembered.owned;
    try {
      const found = await ask();
      const owned = found && { tenant: found.tenant };
      // A build that is not there yet may be in a moment; one that is keeps its tenant.
      const build = kindOf(stream) === 'build';
      if (owned || !build) this.#remember(stream, { owned, askedAt: build ? Infinity : Date.now() });
      return owned;
    } catch (error) {
      if (remembered && hasCode(error, 'UNAVAILABLE')) return remembered.owned;
      throw error;
    }
  }

  #remember(stream: StreamId, remembered: Remembered): void {
    this.#remembered.delete(stream);
    this.#remembered.set(stream, remembered);
    for (const oldest of this.#remembered.keys()) {
      if (this.#remembered.size <= MOST_REMEMBERED) break;
      this.#remembered.delete(oldest);
    }
  }
}
