import { Body, Controller, Delete, Get, Param, Post, Query } from '@nestjs/common';
import { CreateDeployment, Deployment, DeploymentPage, ListDeployments, idOf } from '@kubidu/contracts';
import type { StreamId } from '@kubidu/contracts';

import { Described } from '../../http/described.ts';
import { IdParam, Parsed } from '../../http/parse.ts';
import type { ApiPrincipal } from '../auth/api-principal.ts';
import { CurrentPrincipal } from '../auth/current-principal.ts';
import { DeploymentsService } from './deployments.service.ts';

@Controller('api/deployments')
export class DeploymentsController {
  constructor(private readonly deployments: DeploymentsService) {}

  @Post()
  @Described({
    summary: 'Queue a build',
    details: 'Its log is the stream `build:<deploymentId>`.',
    answer: Deployment,
    errors: ['FORBIDDEN', 'NOT_FOUND'],
  })
  create(
    @CurrentPrincipal() principal: ApiPrincipal,
    @Body(new Parsed(CreateDeployment)) request: CreateDeployment,
  ): Promise<Deployment> {
    return this.deployments.create(principal, request);
  }

  @Get()
  @Described({ summary: 'The deployments one may see, newest first', answer: DeploymentPage, errors: ['FORBIDDEN'] })
  list(
    @CurrentPrincipal() principal: ApiPrincipal,
    @Query(new Parsed(ListDeployments)) query: ListDeployments,
  ): Promise<DeploymentPage> {
    return this.deployments.list(principal, query);
  }

  @Get(':id')
  @Described({ summary: 'One deployment', answer: Deployment })
  one(
    @CurrentPrincipal() principal: ApiPrincipal,
    @Param('id', new IdParam('build')) stream: StreamId,
  ): Promise<Deployment> {
    return this.deployments.one(principal, idOf(stream));
  }

  @Delete(':id')
  @Described({
    summary: 'Cancel a build',
    details: 'It ends as `cancelled` soon after.',
    answer: Deployment,
    errors: ['FORBIDDEN', 'CONFLICT'],
  })
  cancel(
    @CurrentPrincipal() principal: ApiPrincipal,
    @Param('id', new IdParam('build')) stream: StreamId,
  ): Promise<Deployment> {
    return this.deployments.cancel(principal, idOf(stream));
  }
}
