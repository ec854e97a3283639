import { ClientError, errorFromBody } from './client-error.ts';
import { networkMessage } from './network-message.ts';

/** The JSON of a successful answer. @throws ClientError what another one says, NOT_KUBIDU where it is not of our form */
export async function answer<T>(response: Response): Promise<T> {
  const text = await response.text();
  let body: unknown;
  try {
    body = text === '' ? {} : JSON.parse(text);
  } catch {
    body = undefined;
  }
  if (response.ok && typeof body === 'object' && body !== null) return body as T;
  const error = errorFromBody((body as { error?: unknown } | undefined)?.error, retryAfter(response));
  if (error !== undefined) throw error;
  // What a proxy in between says while the API is away.
  if (response.status >= 502 && response.status <= 504) {
    throw new ClientError('UNREACHABLE', `HTTP ${response.status} from a proxy`);
  }
  throw new ClientError(
    'NOT_KUBIDU',
    `unexpected answer: HTTP ${response.status} at ${new URL(response.url).pathname}`,
  );
}

/** The error of a call that got no answer, or none that is whole. */
export function unreachable(cause: unknown, until: AbortSignal): ClientError {
  if (cause instanceof ClientError) return cause;
  return new ClientError('UNREACHABLE', until.aborted ? 'no answer in time' : networkMessage(cause), { cause });
}

function retryAfter(response: Response): { retryAfterMs?: number } {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) ? { retryAfterMs: seconds * 1_000 } : {};
}
