import http from 'node:http';
import https from 'node:https';
import type { IncomingMessage } from 'node:http';

import { LogsError } from '@kubidu/core';

/** Who we are towards an API server, and through which connections. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string>>;
  readonly agent: http.Agent;
}

/** Where the API server is and how one signs in; credentials are asked for before each request and may change. */
export interface Access extends Disposable {
  readonly url: string;
  credentials(): Promise<Credentials>;
}

/** What the API server refused, with its HTTP status. */
export class ApiError extends LogsError {
  readonly httpStatus: number;

  constructor(httpStatus: number, message: string) {
    super(httpStatus === 403 || httpStatus === 401 ? 'FORBIDDEN' : 'UNAVAILABLE', message);
    this.httpStatus = httpStatus;
  }
}

/** Whether the server said that there is no such thing. */
export const isNotFound = (error: unknown): boolean => error instanceof ApiError && error.httpStatus === 404;
/** Whether the server said that one may not have this, whoever one is. */
export const isForbidden = (error: unknown): boolean => error instanceof ApiError && error.httpStatus === 403;
/** Whether the server said that the resource version is too old to go on from. */
export const isExpired = (error: unknown): boolean => error instanceof ApiError && error.httpStatus === 410;

/** How one request waits. */
export interface RequestOptions {
  readonly signal: AbortSignal;
  /** Longest wait for the connection and the response's head, in milliseconds. */
  readonly headMs: number;
  readonly accept?: string;
}

const ERROR_BODY_BYTES = 64 * 1024;
const TEXT_BYTES = 1024 * 1024;
const KEEP_ALIVE_MS = 10_000;

/** Requests to one API server: a head within a bounded time, else an error; the body is the caller's to read or destroy. */
export class ApiServer {
  readonly #access: Access;
  readonly #base: URL;

  constructor(access: Access) {
    this.#access = access;
    this.#base = new URL(access.url);
  }

  /** Opens `path` (with its query); resolves with a body of status 200. Throws `ApiError`, or `UNAVAILABLE` for the network's faults. */
  async open(path: string, options: RequestOptions): Promise<IncomingMessage> {
    options.signal.throwIfAborted();
    let response: IncomingMessage;
    try {
      response = await this.#request(path, await this.#access.credentials(), options);
    } catch (error) {
      options.signal.throwIfAborted();
      throw error instanceof LogsError
        ? error
        : new LogsError('UNAVAILABLE', 'no answer of the API server', { cause: error });
    }
    if (response.statusCode === 200) return response;
    throw new ApiError(response.statusCode ?? 0, statusMessage(await text(response, options, ERROR_BODY_BYTES)));
  }

  /** The whole answer as JSON; the body too has to come within `headMs` of the last byte. */
  async json(path: string, options: RequestOptions): Promise<unknown> {
    const response = await this.open(path, { ...options, accept: options.accept ?? 'application/json' });
    return JSON.parse(await text(response, options, Infinity));
  }

  /** The whole answer as text, at most a megabyte of it. */
  async text(path: string, options: RequestOptions): Promise<string> {
    return text(await this.open(path, options), options, TEXT_BYTES);
  }

  #request(path: string, { headers, agent }: Credentials, options: RequestOptions): Promise<IncomingMessage> {
    const url = new URL(this.#base.pathname.replace(/\/$/, '') + path, this.#base);
    const send = url.protocol === 'http:' ? http.request : https.request;
    return new Promise((resolve, reject) => {
      const request = send(url, { agent, headers: { ...headers, accept: options.accept ?? '*/*' } });
      const timer = setTimeout(() => request.destroy(new Error('no head in time')), options.headMs);
      const abort = () => request.destroy(new Error('aborted'));
      options.signal.addEventListener('abort', abort, { once: true });
      const settled = () => {
        clearTimeout(timer);
        options.signal.removeEventListener('abort', abort);
      };
      request.on('socket', (socket) => socket.setKeepAlive(true, KEEP_ALIVE_MS).setNoDelay(true));
      request.once('response', (response) => {
        settled();
        resolve(response);
      });
      // Stays: a connection that breaks after the head must not become an uncaught error.
      request.on('error', (error) => {
        settled();
        reject(error);
      });
      request.end();
    });
  }
}

async function text(response: IncomingMessage, options: RequestOptions, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const abort = () => response.destroy(new Error('aborted'));
  const timer = setTimeout(() => response.destroy(new Error('silent')), options.headMs);
  options.signal.addEventListener('abort', abort, { once: true });
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      timer.refresh();
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > maxBytes) break;
    }
  } catch (error) {
    options.signal.throwIfAborted();
    throw new LogsError('UNAVAILABLE', 'the answer of the API server broke off', { cause: error });
  } finally {
    clearTimeout(timer);
    options.signal.removeEventListener('abort', abort);
    response.destroy();
  }
  return Buffer.concat(chunks).toString('utf8');
}

function statusMessage(body: string): string {
  try {
    const status = JSON.parse(body) as { message?: unknown };
    if (typeof status.message === 'string') return status.message;
  } catch {
    // Not every proxy on the way answers with a Status object.
  }
  return body.slice(0, 500);
}
