import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

import type { INestApplication } from '@nestjs/common';
import type { Request, RequestHandler } from 'express';
import sirv from 'sirv';

import { securityHeaders } from '../../http/middleware.ts';
import { pagePolicy } from './page-policy.ts';

/** The pages of the dashboard; each is the same document, which reads the address. */
const PAGES = /^\/(?:(?:services|deployments|jobs|bots)\/[^/]+\/?)?$/;

/** Their names hold a hash of what is in them. */
const HASHED = /^\/assets\//;

const YEAR_S = 31_536_000;

/**
 * Serves the dashboard as it is built, where it is: the document for each of its pages, and its files, which browsers
 * keep as long as their names stay; in a frame it asks whose pages may hand it tokens. Everything else is left to the routes.
 * @param frameAncestors origins whose pages may show it in a frame
 */
export function serveDashboard(app: INestApplication, frameAncestors: readonly string[]): void {
  const folder = dashboardFolder();
  if (folder !== undefined) app.use(dashboard(folder, frameAncestors));
}

/** Where @kubidu/web was built; undefined where it was not. */
function dashboardFolder(): string | undefined {
  const { resolve } = createRequire(import.meta.url);
  const folder = path.join(path.dirname(resolve('@kubidu/web/package.json')), 'dist', 'app');
  return existsSync(path.join(folder, 'index.html')) ? folder : undefined;
}

function dashboard(folder: string, frameAncestors: readonly string[]): RequestHandler {
  const policy = pagePolicy(frameAncestors);
  const serve = sirv(folder, { etag: true, brotli: true, gzip: true });
  return (request, response, next) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return next();
    if (request.path === '/embedding.json') return void response.json({ origins: frameAncestors });
    const asked = request.url;
    if (PAGES.test(request.path)) request.url = '/';
    else if (!isFile(request)) return next();
    // One file of a build has no parts worth asking for, and a range that is none would end the process's read of it.
    delete request.headers.range;
    // Before anything is sent: "not modified" carries them too, and a browser puts them in the place of those it has.
    response.setHeader('Content-Security-Policy', policy);
    if (frameAncestors.length > 0) response.removeHeader('X-Frame-Options');
    response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
    response.setHeader('Cache-Control', HASHED.test(asked) ? `public, max-age=${YEAR_S}, immutable` : 'no-cache');
    serve(request, response, () => {
      request.url = asked;
      response.removeHeader('Cross-Origin-Resource-Policy');
      securityHeaders(request, response, next);
    });
  };
}

/** What the build put at the top or beside it; never a route of the API, nor what a compressed file is called. */
function isFile({ path: asked }: Request): boolean {
  return HASHED.test(asked) || asked === '/icon.svg';
}
