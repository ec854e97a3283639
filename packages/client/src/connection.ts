import type { Ack, ClientEvents, ErrorBody, ServerEvents } from '@kubidu/contracts';
import { io } from 'socket.io-client';
import type { Socket } from 'socket.io-client';

import { delayBefore } from './backoff.ts';
import type { Backoff } from './backoff.ts';
import { ClientError, errorFromBody } from './client-error.ts';
import { networkMessage } from './network-message.ts';
import { serverAddress } from './server-address.ts';
import { SilenceWatch } from './silence-watch.ts';
import { currentToken } from './token.ts';
import type { Token } from './token.ts';

/** Longest wait from the first byte to the namespace's answer, in milliseconds. */
const CONNECT_MS = 15_000;

/** How often in a row a token function may give a token that is refused. */
const REFUSALS = 3;

export interface ConnectionOptions {
  readonly url: string;
  readonly token: Token | undefined;
  readonly backoff: Backoff;
  readonly ackTimeoutMs: number;
}

/** Who wants to know how the connection does. None of the calls may throw. */
export interface ConnectionListener {
  onConnected(): void;
  onReconnecting(attempt: number, error: ClientError): void;
  /** The connection is over for good. */
  onFailed(error: ClientError): void;
}

/** What is sent with an acknowledgement. */
type Requests = { [E in keyof ClientEvents]: Parameters<ClientEvents[E]>[0] };

/** What an event's acknowledgement holds. */
type Answer<E extends keyof ClientEvents> =
  NonNullable<Parameters<ClientEvents[E]>[1]> extends (answer: Ack<infer T>) => void ? T : never;

type State = 'idle' | 'connecting' | 'connected' | 'waiting' | 'closed';

/**
 * One Socket.IO connection that comes back by itself, for ever. Socket.IO's own reconnection is off: it gives up when the
 * server hangs up or refuses, sends what was buffered meanwhile, and cannot renew a token first.
 */
export class Connection {
  readonly socket: Socket<ServerEvents, ClientEvents>;
  readonly #options: ConnectionOptions;
  readonly #listeners = new Set<ConnectionListener>();
  readonly #pending = new Set<(error: ClientError) => void>();
  #state: State = 'idle';
  #failure: ClientError | undefined;
  #attempt = 0;
  #refusals = 0;
  #sentToken: string | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #connecting: Promise<void> | undefined;
  readonly #silence = new SilenceWatch(() =>
    this.reconnect(new ClientError('UNREACHABLE', 'the connection went silent')),
  );

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const { namespace, path } = serverAddress(options.url);
    this.socket = io(namespace, {
      path,
      forceNew: true,
      autoConnect: false,
      reconnection: false,
      transports: ['websocket', 'polling'], // polling first would need sticky sessions at every load balancer
      tryAllTransports: true,
      timeout: CONNECT_MS,
    });
    this.socket.on('connect', () => this.#onConnect());
    this.socket.on('connect_error', (error) => this.#onConnectError(error));
    this.socket.on('disconnect', (reason, details) => this.#onDisconnect(reason, details));
    addGlobalListener('online', this.#onOnline);
  }

  get connected(): boolean {
    return this.#state === 'connected';
  }

  /** Tells `listener` from now on how the connection does, and connects when nobody asked for that before. */
  add(listener: ConnectionListener): void {
    this.#listeners.add(listener);
    if (this.#failure !== undefined) listener.onFailed(this.#failure);
    else if (this.#state === 'connected') listener.onConnected();
    else if (this.#state === 'idle') this.#connect();
  }

  delete(listener: ConnectionListener): void {
    this.#listeners.delete(listener);
  }

  /** Sends an event and resolves with its acknowledgement; throws ClientError, UNREACHABLE when the connection is away. */
  request<E extends keyof ClientEvents>(event: E, payload: Requests[E]): Promise<Answer<E>> {
    return new Promise((resolve, reject) => {
      if (this.#state !== 'connected') {
        reject(this.#failure ?? new ClientError('UNREACHABLE', 'not connected'));
        return;
      }
      const fail = (error: ClientError): void => {
        clearTimeout(deadline);
        this.#pending.delete(fail);
        reject(error);
      };
      const deadline = setTimeout(
        () => fail(new ClientError('UNREACHABLE', 'no answer in time')),
        this.#options.ackTimeoutMs,
      );
      this.#pending.add(fail);
      const ack = (answer: Ack<Answer<E>>): void => {
        clearTimeout(deadline);
        this.#pending.delete(fail);
        if (answer.ok) resolve(answer);
        else reject(errorFromBody(answer.error) ?? new ClientError('NOT_KUBIDU', 'an answer of an unknown form'));
      };
      this.socket.emit(event, ...([payload, ack] as unknown as Parameters<ClientEvents[E]>));
    });
  }

  /** Sends an event without waiting for an answer; does nothing while the connection is away. */
  tell<E extends keyof ClientEvents>(event: E, payload: Requests[E]): void {
    if (this.#state === 'connected') this.socket.emit(event, ...([payload] as unknown as Parameters<ClientEvents[E]>));
  }

  /** Connects anew, at once: what is on the way is lost, listeners hear of it as of any outage. */
  reconnect(error: ClientError): void {
    if (this.#state === 'connected') this.#retryLater(error);
  }

  async close(): Promise<void> {
    this.#end(new ClientError('CLOSED', 'the client was closed'));
    await this.#connecting;
  }

  #connect(): void {
    this.#state = 'connecting';
    this.#connecting = this.#open(); // never rejects
  }

  async #open(): Promise<void> {
    try {
      this.#sentToken = await currentToken(this.#options.token);
    } catch (cause) {
      if (this.#state === 'connecting')
        this.#retryLater(new ClientError('UNAUTHENTICATED', 'no token could be had', { cause }));
      return;
    }
    if (this.#state !== 'connecting') return;
    this.#timer = setTimeout(() => this.#retryLater(new ClientError('UNREACHABLE', 'no answer in time')), CONNECT_MS);
    this.socket.auth = this.#sentToken === undefined ? {} : { token: this.#sentToken };
    this.socket.connect();
    this.#silence.start(this.socket);
  }

  #onConnect(): void {
    if (this.#state !== 'connecting') return;
    clearTimeout(this.#timer);
    this.#state = 'connected';
    this.#attempt = 0;
    this.#refusals = 0;
    for (const listener of [...this.#listeners]) listener.onConnected();
  }

  #onConnectError(error: Error & { data?: unknown; description?: unknown; context?: unknown }): void {
    if (this.#state !== 'connecting') return;
    clearTimeout(this.#timer);
    const refusal = errorFromBody({ message: error.message, ...(error.data as Partial<ErrorBody> | undefined) });
    if (refusal?.code === 'UNAUTHENTICATED') {
      this.#connecting = this.#onRefused(refusal);
      return;
    }
    this.#retryLater(refusal ?? new ClientError('UNREACHABLE', transportMessage(error), { cause: error }));
  }

  /** A refused token is tried once only: the next attempt needs another one. */
  async #onRefused(refusal: ClientError): Promise<void> {
    this.#refusals++;
    let next: string | undefined;
    try {
      next = await currentToken(this.#options.token, this.#sentToken);
    } catch {
      next = this.#sentToken;
    }
    if (this.#state !== 'connecting') return;
    if (next === this.#sentToken || this.#refusals > REFUSALS) this.#end(refusal);
    else this.#retryLater(refusal);
  }

  #onDisconnect(reason: string, details: unknown): void {
    if (this.#state !== 'connected' && this.#state !== 'connecting') return;
    const why = REASONS[reason] ?? reason;
    this.#retryLater(new ClientError('UNREACHABLE', why, { cause: details }));
  }

  #retryLater(error: ClientError): void {
    clearTimeout(this.#timer);
    this.#state = 'waiting';
    this.#hangUp(error);
    this.#attempt++;
    for (const listener of [...this.#listeners]) listener.onReconnecting(this.#attempt, error);
    if (this.#state !== 'waiting') return;
    const delay = Math.max(delayBefore(this.#attempt, this.#options.backoff), error.retryAfterMs ?? 0);
    this.#timer = setTimeout(() => this.#connect(), delay);
  }

  /** A browser says when the network is back: then there is nothing to wait for. */
  readonly #onOnline = (): void => {
    if (this.#state !== 'waiting') return;
    clearTimeout(this.#timer);
    this.#attempt = 0;
    this.#connect();
  };

  #end(error: ClientError): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#failure = error;
    clearTimeout(this.#timer);
    removeGlobalListener('online', this.#onOnline);
    this.#hangUp(error);
    for (const listener of [...this.#listeners]) listener.onFailed(error);
    this.#listeners.clear();
  }

  #hangUp(error: ClientError): void {
    this.#silence.stop();
    for (const fail of [...this.#pending]) fail(error);
    this.socket.disconnect();
    // What was sent in the last moment waits here; its sender was told that it failed.
    this.socket.sendBuffer.length = 0;
  }
}

const REASONS: Readonly<Record<string, string>> = {
  'ping timeout': 'the connection went silent',
  'transport close': 'connection closed',
  'transport error': 'connection lost',
  'io server disconnect': 'the server hung up',
  'parse error': 'the server sent what is no Socket.IO',
};

/** engine.io hides the operating system's error in an event of `ws`, or an HTTP status in an XHR. */
function transportMessage(error: { message: string; description?: unknown; context?: unknown }): string {
  const { description, context } = error;
  const inner = (description as { error?: unknown } | undefined)?.error;
  if (isSystemError(inner)) return networkMessage(inner);
  // xmlhttprequest-ssl puts the error of node:http where the text of the status belongs.
  const status = (context as { statusText?: unknown } | undefined)?.statusText;
  if (isSystemError(status)) return networkMessage(status);
  return typeof description === 'number' && description > 0 ? `unexpected answer: HTTP ${description}` : error.message;
}

function isSystemError(error: unknown): boolean {
  return typeof (error as { code?: unknown } | undefined)?.code === 'string';
}

type GlobalEvents = {
  [K in 'addEventListener' | 'removeEventListener']?: (type: string, listener: () => void) => void;
};

function addGlobalListener(type: string, listener: () => void): void {
  (globalThis as GlobalEvents).addEventListener?.(type, listener);
}

function removeGlobalListener(type: string, listener: () => void): void {
  (globalThis as GlobalEvents).removeEventListener?.(type, listener);
}
