import { Body, Controller, Delete, Get, Param, Post, Query } from '@nestjs/common';
import { CreateDeployment, ListDeployments, idOf } from '@kubidu/contracts';
import type { Deployment, DeploymentPage, StreamId } from '@kubidu/contracts';

import { IdParam, Parsed } from '../../http/parse.ts';
import type { ApiPrincipal } from '../auth/api-principal.ts';
import { CurrentPrincipal } from '../auth/current-principal.ts';
import { DeploymentsService } from './deployments.service.ts';

@Controller('api/deployments')
export class DeploymentsController {
  constructor(private readonly deployments: DeploymentsService) {}

  @Post()
  create(
    @CurrentPrincipal() principal: ApiPrincipal,
    @Body(new Parsed(CreateDeployment)) request: CreateDeployment,
  ): Promise<Deployment> {
    return this.deployments.create(principal, request);
  }

  @Get()
  list(
    @CurrentPrincipal() principal: ApiPrincipal,
    @Query(new Parsed(ListDeployments)) query: ListDeployments,
  ): Promise<DeploymentPage> {
    return this.deployments.list(principal, query);
  }

  @Get(':id')
  one(
    @CurrentPrincipal() principal: ApiPrincipal,
    @Param('id', new IdParam('build')) stream: StreamId,
  ): Promise<Deployment> {
    return this.deployments.one(principal, idOf(stream));
  }

  @Delete(':id')
  cancel(
    @CurrentPrincipal() principal: ApiPrincipal,
    @Param('id', new IdParam('build')) stream: StreamId,
  ): Promise<Deployment> {
    return this.deployments.cancel(principal, idOf(stream));
  }
}
