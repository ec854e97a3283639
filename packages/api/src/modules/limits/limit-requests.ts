import type { ErrorRequestHandler, Request, RequestHandler } from 'express';

import { principalOf } from '../auth/authenticate-request.ts';
import type { RateLimits } from './rate-limits.ts';

/** What stores lines, below `/api`. */
const INGEST = /^\/streams\/[^/]+\/(?:entries|end|cloudwatch)\/?$/;

/** Counts a request on whoever sends it, before its body is read. */
export function limitRequests(limits: RateLimits): RequestHandler {
  return (request, _response, next) => {
    limits.request(request, principalOf(request), isIngest(request) ? 'ingest' : 'read');
    next();
  };
}

/** Counts a request that nobody has to be known for, on the address that it comes from. */
export function limitOpenRequests(limits: RateLimits): RequestHandler {
  return (request, _response, next) => {
    limits.request(request, undefined, 'read');
    next();
  };
}

/** Counts a request that was refused for its token, so that guessing has a limit. */
export function limitRefused(limits: RateLimits): ErrorRequestHandler {
  return (error: unknown, request: Request, _response, next) => {
    limits.request(request, undefined, 'read');
    next(error);
  };
}

function isIngest(request: Request): boolean {
  return request.method === 'POST' && INGEST.test(request.path);
}
