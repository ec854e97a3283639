import { idOf, kindOf } from '@kubidu/contracts';
import type { StreamId } from '@kubidu/contracts';
import type { SourceService } from '@kubidu/core';

const MOST_SERVICES = 50_000;

/**
 * Which tenant a service belongs to, as the sources said last. It is remembered while this process lives, so that the
 * lines of a service without pods can still be read by their owner; a source that knows the service better wins.
 */
export class Tenants {
  readonly #tenants = new Map<string, string>();

  /** Takes what the sources know now. A service whose tenant is no longer told loses it. */
  learn(services: readonly SourceService[]): void {
    for (const { serviceId, tenant } of services) {
      this.#tenants.delete(serviceId);
      if (tenant !== undefined) this.#tenants.set(serviceId, tenant);
    }
    for (const oldest of this.#tenants.keys()) {
      if (this.#tenants.size <= MOST_SERVICES) break;
      this.#tenants.delete(oldest);
    }
  }

  /** The stream's tenant; undefined where there is none or none is known. */
  ofStream(stream: StreamId): string | undefined {
    return kindOf(stream) === 'runtime' ? this.#tenants.get(idOf(stream)) : undefined;
  }
}
