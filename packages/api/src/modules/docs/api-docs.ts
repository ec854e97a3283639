import { readFileSync } from 'node:fs';

import { Injectable } from '@nestjs/common';
import type { Type } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';

import { docsPage } from './docs-page.ts';
import { openApi } from './open-api.ts';
import type { OpenApi } from './open-api.ts';
import { routesOf } from './routes.ts';
import type { Route } from './routes.ts';

/** The description of the API that this server has: of the routes of its controllers, whichever its roles bring along. */
@Injectable()
export class ApiDocs {
  #document: OpenApi | undefined;
  #page: string | undefined;

  constructor(private readonly discovery: DiscoveryService) {}

  /** Every route, by path; also those without a description. */
  routes(): Route[] {
    const controllers = this.discovery.getControllers().map(({ metatype }) => metatype as Type);
    return controllers.flatMap(routesOf).sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  /** Made once. */
  document(): OpenApi {
    return (this.#document ??= openApi(this.routes(), version()));
  }

  /** The same as HTML. */
  page(): string {
    return (this.#page ??= docsPage(this.document()));
  }
}

function version(): string {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
