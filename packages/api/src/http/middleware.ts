import type { Request, RequestHandler } from 'express';

import { isLoopback } from '../modules/config/loopback.ts';
import { invalid } from './parse.ts';

/** What browsers are told about every answer: it is data, for nobody's frame, and not kept. */
export const securityHeaders: RequestHandler = (_request, response, next) => {
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('X-Frame-Options', 'DENY');
  response.setHeader('Referrer-Policy', 'no-referrer');
  response.setHeader('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'");
  response.setHeader('Cache-Control', 'no-store');
  next();
};

/** The description of the API, below `/api`: it is for everybody. */
const DOCS = /^\/docs(?:\/|$)/;

/** `handler` for requests of the API, `open` for those of its description. */
export function exceptDocs(handler: RequestHandler, open: RequestHandler): RequestHandler {
  return (request, response, next) => (DOCS.test(request.path) ? open : handler)(request, response, next);
}

/** Where archives are sent to, below `/api`. */
const UPLOADS = /^\/deployments\/uploads\/?$/;

/**
 * A body that is neither JSON nor, where archives are taken, an archive is refused before it is read; so is a web page's
 * form, which needs nobody's leave to be sent. Both types do: a browser asks us (CORS) before a page of somebody else's
 * may send them, and a body without a type is what it would send unasked.
 * @see https://fetch.spec.whatwg.org/#cors-safelisted-request-header
 */
export const onlyKnownBodies: RequestHandler = (request, _response, next) => {
  if (request.method !== 'POST') return next();
  const [form, what] = UPLOADS.test(request.path)
    ? [/^application\/(?:x-tar|gzip)[ \t]*(?:;|$)/i, 'application/x-tar or application/gzip']
    : [/^application\/json\b/i, 'application/json'];
  if (form.test(request.headers['content-type'] ?? '')) next();
  else next(invalid([{ field: 'Content-Type', message: `must be ${what}` }]));
};

/**
 * Without authentication, being on this machine is the only right there is, and a web page in somebody's browser is on
 * it too: names that lead here by DNS rebinding are refused.
 * @see https://owasp.org/www-community/attacks/DNS_Rebinding
 */
export const onlyLoopbackNames: RequestHandler = (request, _response, next) => {
  if (isLoopback(hostOf(request))) next();
  else next(invalid([{ field: 'Host', message: 'must be a loopback name while authentication is off' }]));
};

function hostOf(request: Pick<Request, 'headers'>): string {
  return (request.headers.host ?? 'localhost').replace(/:\d+$/, '');
}

/** Whether a request may come from a web page of this origin: none (not a browser), its own, or a listed one. */
export function originAllowed(
  request: Pick<Request, 'headers'>,
  origins: readonly string[],
  anyHost: boolean,
): boolean {
  const { origin, host } = request.headers;
  if (!anyHost && !isLoopback(hostOf(request))) return false;
  if (origin === undefined || origins.includes(origin)) return true;
  try {
    return new URL(origin).host === host;
  } catch {
    return false;
  }
}
