import type { LogsError } from '@kubidu/core';
import { hasCode } from '@kubidu/core';
import type { Socket } from 'socket.io';

import type { ApiPrincipal } from './api-principal.ts';
import type { Authenticator } from './authenticator.ts';
import { bearerOf } from './bearer.ts';
import { onTokenEnd } from './token-end.ts';

/** What a client sees as `connect_error`. */
interface Refusal extends Error {
  data?: { code: string };
}

type Middleware = (socket: Socket, next: (error?: Error) => void) => void;

const principals = new WeakMap<Socket, ApiPrincipal>();

/**
 * Middleware of a namespace: takes the token from `auth: { token }` or from an Authorization header, and refuses with
 * `Unauthorized` and the code in `data`. A socket whose token expires is disconnected then.
 */
export function authenticateSocket(authenticator: Authenticator): Middleware {
  return (socket, next) => {
    authenticator.authenticate(tokenOf(socket)).then(
      (principal) => {
        principals.set(socket, principal);
        endWithToken(socket, principal);
        next();
      },
      (error: unknown) => next(refusal(error)),
    );
  };
}

/** Who holds the socket, once {@link authenticateSocket} has passed. */
export function principalOfSocket(socket: Socket): ApiPrincipal {
  const principal = principals.get(socket);
  if (!principal) throw new TypeError('the socket was not authenticated');
  return principal;
}

function tokenOf(socket: Socket): string | undefined {
  const { auth, headers } = socket.handshake;
  const token: unknown = auth['token'];
  if (typeof token === 'string' && token !== '') return token.replace(/^Bearer +/i, '');
  return bearerOf(headers.authorization);
}

function refusal(error: unknown): Refusal {
  const refused: Refusal = new Error('Unauthorized');
  refused.data = { code: hasCode(error, 'UNAUTHENTICATED') ? 'UNAUTHENTICATED' : codeOf(error) };
  return refused;
}

function codeOf(error: unknown): string {
  return (error as Partial<LogsError>).code ?? 'INTERNAL';
}

function endWithToken(socket: Socket, principal: ApiPrincipal): void {
  const stop = onTokenEnd(principal, () => {
    socket.emit('error', { message: 'Unauthorized', code: 'UNAUTHENTICATED' });
    socket.disconnect(true);
  });
  socket.once('disconnect', stop);
}
