import { describe, expect, it } from '@jest/globals';

import { ERRORS } from './errors.ts';

/** What clients are built on: a change here is a change of the contract. */
const PROMISED = [
  { code: 'INVALID_ARGUMENT', status: 400, retry: false },
  { code: 'UNAUTHENTICATED', status: 401, retry: false },
  { code: 'FORBIDDEN', status: 403, retry: false },
  { code: 'NOT_FOUND', status: 404, retry: false },
  { code: 'CONFLICT', status: 409, retry: false },
  { code: 'PAYLOAD_TOO_LARGE', status: 413, retry: false },
  { code: 'RATE_LIMITED', status: 429, retry: true },
  { code: 'INTERNAL', status: 500, retry: false },
  { code: 'UNAVAILABLE', status: 503, retry: true },
] as const;

describe('the table of errors', () => {
  it('holds the promised codes and no others', () => {
    expect(Object.keys(ERRORS).sort()).toEqual(PROMISED.map(({ code }) => code).sort());
  });

  it.each(PROMISED)('$code has status $status and says when it comes and what to do', ({ code, status, retry }) => {
    expect(ERRORS[code]).toMatchObject({ status, retry });
    // Sentences, since a page of the documentation is made of them.
    expect(ERRORS[code].when).toMatch(/^[A-Z].+\.$/);
    expect(ERRORS[code].fix).toMatch(/^[A-Z].+\.$/);
  });
});
