import type { Request, RequestHandler } from 'express';

import type { ApiPrincipal } from './api-principal.ts';
import type { Authenticator } from './authenticator.ts';
import { bearerOf } from './bearer.ts';

const principals = new WeakMap<object, ApiPrincipal>();

/** Finds out who asks before the body is read: a stranger's megabyte is not worth parsing. */
export function authenticateRequest(authenticator: Authenticator): RequestHandler {
  return (request, _response, next) => {
    authenticator.authenticate(bearerOf(request.headers.authorization)).then((principal) => {
      principals.set(request, principal);
      next();
    }, next);
  };
}

/** Who asks, once {@link authenticateRequest} has passed. */
export function principalOf(request: Request): ApiPrincipal {
  const principal = principals.get(request);
  if (!principal) throw new TypeError('the request was not authenticated');
  return principal;
}
