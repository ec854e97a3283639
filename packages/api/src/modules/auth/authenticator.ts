import { createSecretKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

import { Injectable } from '@nestjs/common';
import { LogsError } from '@kubidu/core';
import { errors, jwtVerify } from 'jose';
import type { JWTPayload } from 'jose';
import { z } from 'zod';

import { InjectConfig } from '../config/config.module.ts';
import type { Config } from '../config/config.ts';
import { INGEST, LOCAL } from './api-principal.ts';
import type { ApiPrincipal } from './api-principal.ts';
import { sameSecret } from './same-secret.ts';

/** Clocks of those who issue tokens differ from ours by this much, in seconds. */
const CLOCK_TOLERANCE_S = 5;
/** Longer ones are not looked at. */
const TOKEN_BYTES = 16 * 1024;

const Claims = z.object({
  sub: z.string().max(1_024).default('unnamed'),
  tenants: z.array(z.string().max(256)).max(1_000).default([]),
  streams: z.array(z.string().max(256)).max(1_000).default([]),
  admin: z.boolean().default(false),
});

/** Finds out who asks. */
@Injectable()
export class Authenticator {
  readonly #config: Config;
  readonly #key: KeyObject | undefined;

  constructor(@InjectConfig() config: Config) {
    this.#config = config;
    const secret = config.KUBIDU_JWT_SECRET;
    this.#key = secret === undefined ? undefined : createSecretKey(Buffer.from(secret));
  }

  /**
   * Who holds this token. Without authentication configured everybody is the local principal.
   * @throws {LogsError} UNAUTHENTICATED
   */
  async authenticate(token: string | undefined): Promise<ApiPrincipal> {
    const ingest = this.#config.KUBIDU_INGEST_TOKEN;
    if (!this.#key) return LOCAL;
    if (token === undefined || token === '') throw unauthenticated('a token is needed');
    if (ingest !== undefined && sameSecret(token, ingest)) return INGEST;
    if (token.length > TOKEN_BYTES) throw unauthenticated('the token is not valid');
    const payload = await this.#verify(token, this.#key);
    // The tolerance is for `nbf` and `iat` of a clock ahead of ours; what has expired has.
    if (payload.exp !== undefined && payload.exp * 1_000 <= Date.now()) throw unauthenticated('the token has expired');
    return principalOf(payload);
  }

  async #verify(token: string, key: KeyObject): Promise<JWTPayload> {
    const { KUBIDU_JWT_ISSUER: issuer, KUBIDU_JWT_AUDIENCE: audience } = this.#config;
    try {
      const { payload } = await jwtVerify(token, key, {
        algorithms: ['HS256'],
        clockTolerance: CLOCK_TOLERANCE_S,
        ...(issuer !== undefined && { issuer }),
        ...(audience !== undefined && { audience }),
      });
      return payload;
    } catch (error) {
      if (error instanceof errors.JWTExpired) throw unauthenticated('the token has expired', error);
      throw unauthenticated('the token is not valid', error);
    }
  }
}

function principalOf(payload: JWTPayload): ApiPrincipal {
  const claims = Claims.safeParse(payload);
  if (!claims.success) throw unauthenticated("the token's claims are malformed", claims.error);
  const { sub, tenants, streams, admin } = claims.data;
  const expires = payload.exp === undefined ? {} : { expiresAt: payload.exp * 1_000 };
  return { kind: 'token', subject: sub, tenants, streams, admin, ...expires };
}

function unauthenticated(message: string, cause?: unknown): LogsError {
  return new LogsError('UNAUTHENTICATED', message, { cause });
}
