import { hasCode, Masker } from '@kubidu/core';
import { z } from 'zod';

import { parseDuration } from './duration.ts';

/** The items of a list with commas. */
export const list = (text: string): string[] =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');

/** A whole number. */
export const integer = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.int().min(least, `must be at least ${least}`).max(most, `must be at most ${most}`));

/** A duration, in milliseconds. */
export const duration = z.string().transform((text, context) => {
  const ms = parseDuration(text);
  if (ms !== undefined) return ms;
  context.addIssue({ code: 'custom', message: 'must be a duration from 1s on, like 90s, 12h or 7d' });
  return z.NEVER;
});

/** A secret from which keys are made. */
export const secret = z
  .string()
  .refine((text) => Buffer.byteLength(text) >= 32, 'must be at least 32 bytes long (RFC 7518, 3.2)');

/** Where a Redis is, or a cluster. */
export const redisUrl = z
  .string()
  .regex(/^rediss?(?:\+cluster)?:\/\/[^\s/]+/, 'must be redis://host:port, rediss://host:port or several with commas');

/** Expressions in the syntax of RE2, with white space between them. */
export const patterns = z.string().transform((text, context) => {
  const given = text.split(/\s+/).filter((pattern) => pattern !== '');
  try {
    new Masker({ patterns: given });
    return given;
  } catch (error) {
    if (!hasCode(error, 'INVALID_ARGUMENT')) throw error;
    context.addIssue({ code: 'custom', message: `must be expressions in the syntax of RE2: ${error.message}` });
    return z.NEVER;
  }
});
