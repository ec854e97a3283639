/** The operating system's word for a failed request, which `fetch` hides in the cause. */
export function networkMessage(error: unknown): string {
  let message = String(error);
  let at = error as Partial<NodeJS.ErrnoException> | null | undefined;
  for (let depth = 0; typeof at === 'object' && at !== null && depth < 5; depth++) {
    const known = at.code === undefined ? undefined : NETWORK[at.code];
    if (known !== undefined) return known;
    message = at.message ?? at.code ?? message;
    at = at.cause as typeof at;
  }
  return message;
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
