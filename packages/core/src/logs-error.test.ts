import { describe, expect, it } from '@jest/globals';
import { ERRORS } from '@kubidu/contracts';
import type { ErrorCode } from '@kubidu/contracts';

import { hasCode, LogsError } from './logs-error.ts';

describe('an error of ours', () => {
  it.each(Object.keys(ERRORS) as ErrorCode[])('%s knows its status and whether to try again', (code) => {
    const error = new LogsError(code, 'in words');
    expect([error.status, error.retry]).toEqual([ERRORS[code].status, ERRORS[code].retry]);
    expect(error.body()).toEqual({ code, message: 'in words' });
    expect(hasCode(error, code)).toBe(true);
    expect(hasCode(error, code === 'INTERNAL' ? 'CONFLICT' : 'INTERNAL')).toBe(false);
  });

  it('names the fields that are wrong', () => {
    const details = [{ field: 'entries.1.message', message: 'must be one line' }];
    expect(new LogsError('INVALID_ARGUMENT', 'no', { details }).body()).toEqual({
      code: 'INVALID_ARGUMENT',
      message: 'no',
      details,
    });
  });

  it('keeps its cause to itself', () => {
    const cause = new Error('redis://:secret@host is away');
    const error = new LogsError('UNAVAILABLE', 'the store is away', { cause });
    expect(error.cause).toBe(cause);
    expect(JSON.stringify(error.body())).not.toContain('secret');
    expect('cause' in new LogsError('UNAVAILABLE', 'x')).toBe(false);
  });

  it('is one to whoever catches errors', () => {
    const error = new LogsError('CONFLICT', 'ended');
    expect([error instanceof Error, String(error)]).toEqual([true, 'LogsError: ended']);
  });

  it.each([undefined, null, 'CONFLICT', { code: 'CONFLICT' }, Object.assign(new Error(), { code: 'CONFLICT' })])(
    'is not %p',
    (other) => {
      expect(hasCode(other, 'CONFLICT')).toBe(false);
    },
  );
});
