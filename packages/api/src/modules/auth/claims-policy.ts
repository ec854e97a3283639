import type { Action, StreamId } from '@kubidu/contracts';
import type { AccessPolicy, Principal } from '@kubidu/core';

import { patternNames } from './stream-pattern.ts';
import type { Tenants } from './tenants.ts';

/** `claims`: admins may do everything; others read the streams that their token names, and those of their tenants' services. */
export class ClaimsPolicy implements AccessPolicy {
  readonly #tenants: Tenants;

  constructor(tenants: Tenants) {
    this.#tenants = tenants;
  }

  async may(principal: Principal, action: Action, stream: StreamId): Promise<boolean> {
    if (principal.admin) return true;
    if (action !== 'read') return false;
    if (principal.streams.some((pattern) => patternNames(pattern, stream))) return true;
    if (principal.tenants.length === 0) return false;
    const tenant = await this.#tenants.ofStream(stream);
    return tenant !== undefined && principal.tenants.includes(tenant);
  }
}
