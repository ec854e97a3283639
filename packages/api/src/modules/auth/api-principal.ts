import type { Principal } from '@kubidu/core';

/** Whoever asks, and by what: nobody needed to (local), a token, or the token of the ingest. */
export interface ApiPrincipal extends Principal {
  readonly kind: 'local' | 'token' | 'ingest';
}

/** Everybody, where no authentication is configured: whoever reaches a loopback address. */
export const LOCAL: ApiPrincipal = { kind: 'local', subject: 'local', tenants: [], streams: [], admin: true };

/** Whoever holds KUBIDU_INGEST_TOKEN. */
export const INGEST: ApiPrincipal = { kind: 'ingest', subject: 'ingest', tenants: [], streams: [], admin: false };
