import { Controller, Post, Query, Req } from '@nestjs/common';
import { Uploaded, UploadQuery } from '@kubidu/contracts';
import type { Request } from 'express';

import { archiveOf, discardRest } from '../../http/archive-body.ts';
import { Described } from '../../http/described.ts';
import { Parsed } from '../../http/parse.ts';
import type { ApiPrincipal } from '../auth/api-principal.ts';
import { CurrentPrincipal } from '../auth/current-principal.ts';
import { DeploymentsService } from './deployments.service.ts';

@Controller('api/deployments/uploads')
export class UploadsController {
  constructor(private readonly deployments: DeploymentsService) {}

  /** The body is the archive; it goes to the desk as it comes and is never held whole. */
  @Post()
  @Described({
    summary: 'Send the sources of a build to come',
    details: 'Named as `source: { upload }` of one build within a day.',
    answer: Uploaded,
    body: { types: ['application/x-tar', 'application/gzip'], description: 'A tar archive.' },
    errors: ['FORBIDDEN', 'NOT_FOUND', 'PAYLOAD_TOO_LARGE'],
  })
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
