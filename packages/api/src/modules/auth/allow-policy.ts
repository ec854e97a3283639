import type { Action } from '@kubidu/contracts';
import type { AccessPolicy, Principal } from '@kubidu/core';

/** `allow`: whoever has a valid token may read everything; writing and building are for admins. */
export class AllowPolicy implements AccessPolicy {
  async may(principal: Principal, action: Action): Promise<boolean> {
    return principal.admin || action === 'read';
  }
}
