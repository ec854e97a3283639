import { createHmac } from 'node:crypto';

/** What a token says; `exp` in seconds since 1970. */
export interface TokenClaims {
  readonly sub?: string;
  readonly tenants?: readonly string[];
  readonly streams?: readonly string[];
  readonly admin?: boolean;
  readonly exp?: number;
  readonly [claim: string]: unknown;
}

/** A JSON Web Token signed with HS256 (RFC 7515), made without the library that checks it. */
export function accessToken(secret: string, claims: TokenClaims): string {
  const now = Math.floor(Date.now() / 1_000);
  const signed = [
    { alg: 'HS256', typ: 'JWT' },
    { sub: 'ada', iat: now, exp: now + 3_600, ...claims },
  ]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}
