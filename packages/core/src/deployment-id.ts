/** Crockford's base 32 in lower case: sorts as its numbers do, and fits an image's tag and a label of Kubernetes. */
const DIGITS = '0123456789abcdefghjkmnpqrstvwxyz';
const TIME_DIGITS = 10;

/**
 * An id for a deployment that is created at `ms` (milliseconds since 1970): it sorts behind those of every earlier
 * millisecond. @param random 10 random bytes, so that two in one millisecond differ
 */
export function newDeploymentId(ms: number, random: Uint8Array): string {
  let time = '';
  for (let rest = ms, at = 0; at < TIME_DIGITS; at++, rest = Math.floor(rest / 32))
    time = DIGITS.charAt(rest % 32) + time;
  return time + [...random].map((byte) => DIGITS.charAt(byte % 32)).join('');
}
