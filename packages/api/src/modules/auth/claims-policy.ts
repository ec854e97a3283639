import { kindOf } from '@kubidu/contracts';
import type { Action, StreamId } from '@kubidu/contracts';
import type { AccessPolicy, Principal } from '@kubidu/core';

import { patternNames } from './stream-pattern.ts';
import type { Tenants } from './tenants.ts';

/**
 * `claims`: admins may do everything; others read the streams that their token names, and read and build those of their
 * tenants. A service that is nobody's yet may be built by whoever has a tenant: the build is that tenant's then.
 */
export class ClaimsPolicy implements AccessPolicy {
  readonly #tenants: Tenants;

  constructor(tenants: Tenants) {
    this.#tenants = tenants;
  }

  async may(principal: Principal, action: Action, stream: StreamId): Promise<boolean> {
    if (principal.admin) return true;
    if (action === 'write') return false;
    if (action === 'read' && principal.streams.some((pattern) => patternNames(pattern, stream))) return true;
    if (principal.tenants.length === 0) return false;
    const owner = await this.#tenants.ofStream(stream);
    if (!owner) return action === 'build' && kindOf(stream) === 'runtime';
    return owner.tenant !== undefined && principal.tenants.includes(owner.tenant);
  }
}
