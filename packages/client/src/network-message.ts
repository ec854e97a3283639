/** The operating system's word for a failed request, which `fetch` hides in the cause. */
export function networkMessage(error: unknown): string {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    const { code } = at as NodeJS.ErrnoException;
    const known = typeof code === 'string' ? NETWORK[code] : undefined;
    if (known !== undefined) return known;
    if (typeof code === 'string' && at.cause === undefined) return code;
  }
  return error instanceof Error ? error.message : String(error);
}

const NETWORK: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'network unreachable',
  ENOTFOUND: 'unknown host',
  EAI_AGAIN: 'the name cannot be looked up now',
  ETIMEDOUT: 'no answer in time',
  UND_ERR_CONNECT_TIMEOUT: 'no answer in time',
  UND_ERR_SOCKET: 'connection closed',
};
