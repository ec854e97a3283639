import { Controller, Post, Query, Req } from '@nestjs/common';
import { UploadQuery } from '@kubidu/contracts';
import type { Uploaded } from '@kubidu/contracts';
import type { Request } from 'express';

import { archiveOf, discardRest } from '../../http/archive-body.ts';
import { Parsed } from '../../http/parse.ts';
import type { ApiPrincipal } from '../auth/api-principal.ts';
import { CurrentPrincipal } from '../auth/current-principal.ts';
import { DeploymentsService } from './deployments.service.ts';

@Controller('api/deployments/uploads')
export class UploadsController {
  constructor(private readonly deployments: DeploymentsService) {}

  /** The body is the archive; it goes to the desk as it comes and is never held whole. */
  @Post()
  async upload(
    @CurrentPrincipal() principal: ApiPrincipal,
    @Query(new Parsed(UploadQuery)) query: UploadQuery,
    @Req() request: Request,
  ): Promise<Uploaded> {
    try {
      const length = Number(request.headers['content-length'] ?? 0);
      return await this.deployments.upload(principal, query, archiveOf(request), length);
    } catch (error) {
      discardRest(request);
      throw error;
    }
  }
}
