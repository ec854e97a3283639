import { Controller, Get, Param } from '@nestjs/common';
import { Service, ServiceList } from '@kubidu/contracts';

import { Described } from '../../http/described.ts';
import type { ApiPrincipal } from '../auth/api-principal.ts';
import { CurrentPrincipal } from '../auth/current-principal.ts';
import { ServicesService } from './services.service.ts';

@Controller('api/services')
export class ServicesController {
  constructor(private readonly services: ServicesService) {}

  @Get()
  @Described({ summary: 'The services whose streams one may read', answer: ServiceList, errors: ['FORBIDDEN'] })
  async list(@CurrentPrincipal() principal: ApiPrincipal): Promise<ServiceList> {
    return { services: await this.services.list(principal) };
  }

  @Get(':id')
  @Described({ summary: 'One service', answer: Service })
  one(@CurrentPrincipal() principal: ApiPrincipal, @Param('id') id: string): Promise<Service> {
    return this.services.one(principal, id);
  }
}
