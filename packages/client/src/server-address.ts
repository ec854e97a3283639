import { ClientError } from './client-error.ts';

/** Where a server is: for HTTP, for Socket.IO's namespace, and the path of its handshakes. */
export interface ServerAddress {
  /** Without a slash at the end. */
  readonly base: string;
  readonly namespace: string;
  readonly path: string;
}

/**
 * Reads a server's address; a path in it is where a proxy serves the API.
 * @throws ClientError INVALID_ARGUMENT where it is not an http or https address
 */
export function serverAddress(url: string): ServerAddress {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch (cause) {
    throw new ClientError('INVALID_ARGUMENT', `not an address: ${url}`, { cause });
  }
  if (parsed.protocol !== 'http:' && parsed.protocol !== 'https:') {
    throw new ClientError('INVALID_ARGUMENT', `not an http or https address: ${url}`);
  }
  const folder = parsed.pathname.replace(/\/+$/, '');
  return { base: parsed.origin + folder, namespace: `${parsed.origin}/logs`, path: `${folder}/socket.io` };
}
