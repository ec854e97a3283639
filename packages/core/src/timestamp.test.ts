import { describe, expect, it } from '@jest/globals';

import { toUtc } from './timestamp.ts';

describe('a time', () => {
  it.each([
    { given: '2026-11-20T23:16:57.856942694Z', utc: '2026-11-20T23:16:57.856942694Z', why: 'is UTC already' },
    { given: '2026-11-20T23:16:57Z', utc: '2026-11-20T23:16:57Z', why: 'has no fraction' },
    { given: '2026-11-20t23:16:57.5z', utc: '2026-11-20T23:16:57.5Z', why: 'is in small letters' },
    { given: '2026-11-20T23:16:57.856942694+00:00', utc: '2026-11-20T23:16:57.856942694Z', why: 'says +00:00' },
    { given: '2026-11-20T23:16:57.856942694-00:00', utc: '2026-11-20T23:16:57.856942694Z', why: 'says -00:00' },
    {
      given: '2026-11-20T23:16:57.000000001+02:00',
      utc: '2026-11-20T21:16:57.000000001Z',
      why: 'keeps its nanoseconds',
    },
    { given: '2026-11-20T23:16:57.1+05:30', utc: '2026-11-20T17:46:57.1Z', why: 'is of India' },
    { given: '2026-11-20T23:16:57-08:00', utc: '2026-11-21T07:16:57Z', why: 'goes into the next day' },
    { given: '2026-03-01T00:30:00+01:00', utc: '2026-02-28T23:30:00Z', why: 'goes back into February' },
    { given: '2024-03-01T00:30:00+01:00', utc: '2024-02-29T23:30:00Z', why: 'goes back to a leap day' },
    { given: '2024-02-28T23:30:00-01:00', utc: '2024-02-29T00:30:00Z', why: 'goes on to a leap day' },
    {
      given: '2026-12-31T23:59:59.999999999-00:01',
      utc: '2027-01-01T00:00:59.999999999Z',
      why: 'goes into the next year',
    },
    { given: '2026-01-01T00:00:00.9+23:59', utc: '2025-12-31T00:01:00.9Z', why: 'goes back into the year before' },
    { given: '0001-01-01T00:00:00+01:00', utc: '0000-12-31T23:00:00Z', why: 'is of the year 1' },
    { given: '2016-12-31T23:59:60Z', utc: '2016-12-31T23:59:59.999999999Z', why: 'is a leap second' },
    { given: '2016-12-31T23:59:60.5Z', utc: '2016-12-31T23:59:59.999999999Z', why: 'is within a leap second' },
    { given: '2017-01-01T00:59:60+01:00', utc: '2016-12-31T23:59:59.999999999Z', why: 'is a leap second elsewhere' },
    { given: '0000-01-01T00:00:00+01:00', utc: '0000-01-01T00:00:00+01:00', why: 'would be before the year 0' },
    { given: '9999-12-31T23:59:59-01:00', utc: '9999-12-31T23:59:59-01:00', why: 'would be after the year 9999' },
    { given: 'yesterday', utc: 'yesterday', why: 'is none' },
    { given: '', utc: '', why: 'is empty' },
  ])('that $why: $given is $utc', ({ given, utc }) => {
    expect(toUtc(given)).toBe(utc);
  });
});
