import type { ApiPrincipal } from './api-principal.ts';

/** setTimeout takes 24.8 days at the most: what expires later is looked at again then. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Calls `end` when the principal's token expires, if it does, unless the returned function is called before. */
export function onTokenEnd({ expiresAt }: ApiPrincipal, end: () => void): () => void {
  if (expiresAt === undefined) return () => undefined;
  let timer: NodeJS.Timeout;
  const arm = () => {
    const leftMs = expiresAt - Date.now();
    timer = setTimeout(
      () => (leftMs > LONGEST_TIMER_MS ? arm() : end()),
      Math.min(Math.max(leftMs, 0), LONGEST_TIMER_MS),
    );
  };
  arm();
  return () => clearTimeout(timer);
}
