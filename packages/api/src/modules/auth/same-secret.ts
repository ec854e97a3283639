import { createHash, timingSafeEqual } from 'node:crypto';

/** Whether both are the same, in a time that tells nothing about either. */
export function sameSecret(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
