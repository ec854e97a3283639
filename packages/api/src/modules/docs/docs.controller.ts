import { Controller, Get, Header } from '@nestjs/common';
import { z } from 'zod';

import { Described } from '../../http/described.ts';
import { ApiDocs } from './api-docs.ts';
import { DOCS_POLICY } from './docs-page.ts';
import type { OpenApi } from './open-api.ts';

/** Neither needs a token: they tell what this version can do, and of nobody's streams. */
@Controller('api/docs')
export class DocsController {
  constructor(private readonly docs: ApiDocs) {}

  @Get()
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Header('Content-Security-Policy', DOCS_POLICY)
  @Described({
    summary: 'This API, described for people',
    answer: { types: ['text/html'], description: 'A page that loads nothing.' },
    open: true,
  })
  page(): string {
    return this.docs.page();
  }

  @Get('openapi.json')
  @Described({
    summary: 'This API, described for tools, as OpenAPI 3.1',
    answer: z.record(z.string(), z.unknown()),
    open: true,
  })
  document(): OpenApi {
    return this.docs.document();
  }
}
