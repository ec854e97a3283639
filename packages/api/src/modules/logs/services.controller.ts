import { Controller, Get, Param } from '@nestjs/common';
import type { Service, ServiceList } from '@kubidu/contracts';

import type { ApiPrincipal } from '../auth/api-principal.ts';
import { CurrentPrincipal } from '../auth/current-principal.ts';
import { ServicesService } from './services.service.ts';

@Controller('api/services')
export class ServicesController {
  constructor(private readonly services: ServicesService) {}

  @Get()
  async list(@CurrentPrincipal() principal: ApiPrincipal): Promise<ServiceList> {
    return { services: await this.services.list(principal) };
  }

  @Get(':id')
  one(@CurrentPrincipal() principal: ApiPrincipal, @Param('id') id: string): Promise<Service> {
    return this.services.one(principal, id);
  }
}
