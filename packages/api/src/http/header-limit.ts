import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';

import { ERRORS } from '@kubidu/contracts';
import { LogsError } from '@kubidu/core';

/** The longest query takes 36 KiB in a URL, nine bytes for each of its 4,096 characters; beside it stands a token. */
const HEADER_BYTES = 64 * 1024;
/** How long what is still sent behind a refusal is taken, in milliseconds. */
const DISCARD_MS = 10_000;

/**
 * Lets the first line and the headers of a request have 64 KiB together, and gives what Node refuses before it is a request
 * the error of our own form: Node's answer has no body.
 */
export function limitHeaders(server: Server): void {
  // What `maxHeaderSize` of http.createServer sets, read for each connection; NestJS creates the server without options.
  Object.assign(server, { maxHeaderSize: HEADER_BYTES });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy();
    else refuse(error.code, socket);
  });
}

function refuse(code: string | undefined, socket: Duplex): void {
  const error =
    code === 'HPE_HEADER_OVERFLOW'
      ? new LogsError('PAYLOAD_TOO_LARGE', 'the address and the headers of a request have at most 64 KiB')
      : new LogsError('INVALID_ARGUMENT', 'the request is malformed');
  const body = JSON.stringify({ error: error.body() });
  const head = [
    `HTTP/1.1 ${ERRORS[error.code].status} Refused`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'X-Content-Type-Options: nosniff',
    'Connection: close',
  ];
  // Not closed at once: a connection that is closed upon unread bytes is reset, and nobody would read why.
  const enough = setTimeout(() => socket.destroy(), DISCARD_MS);
  socket.once('close', () => clearTimeout(enough));
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
