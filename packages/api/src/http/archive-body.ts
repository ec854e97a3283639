import { LogsError } from '@kubidu/core';
import type { Request } from 'express';

/** A sender that sends nothing for so long is cut off, in milliseconds. */
const STALLED_MS = 60_000;
/** How long the rest of a refused archive is still taken, in milliseconds. */
const DISCARD_MS = 10_000;

/**
 * The body of a request, piece by piece as it comes; whoever is slow to take them holds the sender up. Leaving the loop
 * early leaves the connection as it is: see {@link discardRest}.
 * @throws {LogsError} INVALID_ARGUMENT where the sender goes away in the middle
 */
export async function* archiveOf(request: Request): AsyncGenerator<Uint8Array, void, undefined> {
  request.setTimeout(STALLED_MS);
  try {
    yield* request.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
  } catch (cause) {
    throw new LogsError('INVALID_ARGUMENT', 'the upload was cut off', { cause });
  }
}

/**
 * Takes what its sender still sends and drops it, for a while: a connection that is closed upon unread bytes is reset, and
 * the sender would never read why it was refused.
 */
export function discardRest(request: Request): void {
  if (request.complete || request.destroyed) return;
  const { socket } = request;
  const enough = setTimeout(() => request.destroy(), DISCARD_MS);
  const done = (): void => {
    clearTimeout(enough);
    socket.off('close', done);
  };
  socket.once('close', done);
  // The listener, since a stream that was iterated a moment ago does not flow by `resume` alone.
  request
    .on('data', () => undefined)
    .once('end', done)
    .resume();
}
