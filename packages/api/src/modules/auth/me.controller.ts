import { Controller, Get } from '@nestjs/common';
import { Me } from '@kubidu/contracts';

import { Described } from '../../http/described.ts';
import type { ApiPrincipal } from './api-principal.ts';
import { CurrentPrincipal } from './current-principal.ts';

@Controller('api/me')
export class MeController {
  /** Who the token says one is. */
  @Get()
  @Described({ summary: 'Who the token says one is, and what one may do', answer: Me })
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
