import { Controller, Get } from '@nestjs/common';
import type { Me } from '@kubidu/contracts';

import type { ApiPrincipal } from './api-principal.ts';
import { CurrentPrincipal } from './current-principal.ts';

@Controller('api/me')
export class MeController {
  /** Who the token says one is. */
  @Get()
  me(@CurrentPrincipal() principal: ApiPrincipal): Me {
    const { kind, subject, tenants, streams, admin, expiresAt } = principal;
    return {
      subject,
      tenants: [...tenants],
      streams: [...streams],
      admin,
      ...(expiresAt !== undefined && { expiresAt: new Date(expiresAt).toISOString() }),
      authentication: kind === 'local' ? 'off' : 'token',
    };
  }
}
