import { Inject, Injectable } from '@nestjs/common';
import { idOf, kindOf } from '@kubidu/contracts';
import type { StreamId } from '@kubidu/contracts';
import { hasCode } from '@kubidu/core';
import type { ServiceOwners, SourceService } from '@kubidu/core';

import { SERVICE_OWNERS } from '../store/store.module.ts';

const MOST_REMEMBERED = 50_000;
/** How long an answer about a service without pods is believed, in milliseconds. */
const BELIEVED_MS = 5_000;

interface Remembered {
  readonly tenant: string | undefined;
  readonly askedAt: number;
}

/**
 * Which tenant a service belongs to: as the sources say while it has pods, else as the installation knows its owner. So
 * its lines can be read by their owner, and by nobody else, whichever process is asked and whenever that was started.
 */
@Injectable()
export class Tenants {
  #told: ReadonlyMap<string, string | undefined> = new Map();
  /** What was asked, the oldest answer first. */
  readonly #remembered = new Map<string, Remembered>();

  constructor(@Inject(SERVICE_OWNERS) private readonly owners: ServiceOwners) {}

  /** Takes what the sources know now. A service whose tenant is no longer told loses it. */
  learn(services: readonly SourceService[]): void {
    const told = new Map(services.map(({ serviceId, tenant }) => [serviceId, tenant]));
    // Worth asking again at once, and good enough where nobody can be asked.
    for (const [serviceId, tenant] of this.#told)
      if (!told.has(serviceId)) this.#remember(serviceId, { tenant, askedAt: 0 });
    this.#told = told;
  }

  /** The service's tenant; undefined where there is none or none is known. @throws {LogsError} UNAVAILABLE */
  async ofService(serviceId: string): Promise<string | undefined> {
    if (this.#told.has(serviceId)) return this.#told.get(serviceId);
    const remembered = this.#remembered.get(serviceId);
    const now = Date.now();
    if (remembered && now - remembered.askedAt < BELIEVED_MS) return remembered.tenant;
    try {
      const tenant = (await this.owners.owner(serviceId))?.tenant;
      this.#remember(serviceId, { tenant, askedAt: now });
      return tenant;
    } catch (error) {
      if (remembered && hasCode(error, 'UNAVAILABLE')) return remembered.tenant;
      throw error;
    }
  }

  /** The tenant of the stream's service; undefined where there is none. @throws {LogsError} UNAVAILABLE */
  async ofStream(stream: StreamId): Promise<string | undefined> {
    return kindOf(stream) === 'runtime' ? this.ofService(idOf(stream)) : undefined;
  }

  #remember(serviceId: string, remembered: Remembered): void {
    this.#remembered.delete(serviceId);
    this.#remembered.set(serviceId, remembered);
    for (const oldest of this.#remembered.keys()) {
      if (this.#remembered.size <= MOST_REMEMBERED) break;
      this.#remembered.delete(oldest);
    }
  }
}
