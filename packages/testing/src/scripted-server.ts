import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import type {
  Ack,
  ClientEvents,
  CreateDeployment,
  Deployment,
  ErrorBody,
  GapReason,
  LogEntry,
  Me,
  NewEntry,
  Outcome,
  ServerEvents,
  Service,
  StreamId,
  Subscribe,
} from '@kubidu/contracts';
import { Server as SocketServer } from 'socket.io';
import type { Socket } from 'socket.io';

import { answerHttp } from './scripted-http.ts';
import { lastIndex, page } from './scripted-stream.ts';
import type { Script, ScriptedStream } from './scripted-stream.ts';

type ScriptedSocket = Socket<ClientEvents, ServerEvents>;

/**
 * A small server of the contract for testing clients: what it holds is in memory, and a test decides how it misbehaves.
 * Honest unless told otherwise.
 */
export class ScriptedServer implements AsyncDisposable, Script {
  readonly streams = new Map<StreamId, ScriptedStream>();
  readonly services = new Map<string, Service>();
  readonly deployments = new Map<string, Deployment>();
  /** Bodies of every `POST /api/deployments` that came. */
  readonly asked: CreateDeployment[] = [];
  /** Archives that were uploaded, by name. */
  readonly uploads = new Map<string, Buffer>();
  /** Larger archives are refused, in bytes. */
  maxUploadBytes = 64 * 1024 * 1024;
  /** Hears of each deployment that is queued or cancelled, before that is answered. */
  onDeployment: ((deployment: Deployment, what: 'queued' | 'cancelled') => void) | undefined;
  /** Tokens that are let in; undefined: no authentication. */
  tokens: Set<string> | undefined;
  /** What it says of whoever asks who they are, beside the usual. */
  me: Partial<Me> = {};
  /** Every `subscribe` that came. */
  readonly subscribed: Subscribe[] = [];
  /** Every HTTP request that came, as `GET /path?query`. */
  readonly requests: string[] = [];
  /** Refuses subscriptions while it returns an error. */
  refuse: ((request: Subscribe) => ErrorBody | undefined) | undefined;
  /** Answers no `subscribe` at all while true. */
  mute = false;
  /** Changes what is pushed, for a server that repeats, skips or mixes up. */
  distort: ((entries: LogEntry[], stream: StreamId) => LogEntry[]) | undefined;
  /** Answers HTTP with this error while set. */
  httpError: { status: number; body: ErrorBody } | undefined;
  #port: number;
  #http: Server | undefined;
  #io: SocketServer<ClientEvents, ServerEvents> | undefined;
  readonly #live = new Map<ScriptedSocket, Map<StreamId, { batch: boolean }>>();

  private constructor(port: number) {
    this.#port = port;
  }

  /** Listens on a free port of 127.0.0.1. */
  static async start(): Promise<ScriptedServer> {
    const server = new ScriptedServer(0);
    await server.listen();
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Sockets that are connected now. */
  get sockets(): number {
    return this.#live.size;
  }

  /** Comes back on the same port after `hangUp`. */
  async listen(): Promise<void> {
    const http = createServer((request, response) => this.#onRequest(request, response));
    const io = new SocketServer<ClientEvents, ServerEvents>(http, { pingInterval: 300, pingTimeout: 300 });
    const logs = io.of('/logs');
    logs.use((socket, next) => {
      const { token } = socket.handshake.auth as { token?: string };
      if (this.tokens === undefined || (token !== undefined && this.tokens.has(token))) return next();
      next(Object.assign(new Error('Unauthorized'), { data: { code: 'UNAUTHENTICATED' } }));
    });
    logs.on('connection', (socket) => this.#onSocket(socket));
    await new Promise<void>((resolve, reject) => {
      http.once('error', reject);
      http.listen(this.#port, '127.0.0.1', resolve);
    });
    this.#port = (http.address() as AddressInfo).port;
    this.#http = http;
    this.#io = io;
  }

  /** Is away until `listen`: every connection is closed, new ones are refused. */
  async hangUp(): Promise<void> {
    this.#http?.closeAllConnections();
    await this.#io?.close();
    this.#io = undefined;
    this.#http = undefined;
  }

  /** Closes every socket from the server's side, as a draining server does. */
  disconnectAll(): void {
    for (const socket of [...this.#live.keys()]) socket.disconnect(true);
  }

  /** The stream as it stands, made when it is new. */
  stream(stream: StreamId): ScriptedStream {
    let held = this.streams.get(stream);
    if (held === undefined)
      this.streams.set(stream, (held = { firstIndex: 1, entries: [], gapReason: 'trimmed', sources: [] }));
    return held;
  }

  /** Stores messages (or entries without an index) and pushes them to whoever follows. */
  append(stream: StreamId, ...lines: readonly (string | Partial<NewEntry>)[]): void {
    const held = this.stream(stream);
    const first = lastIndex(held) + 1;
    const added = lines.map((line, i): LogEntry => {
      const timestamp = new Date(1_700_000_000_000 + (first + i) * 1_000).toISOString();
      const fields = typeof line === 'string' ? { message: line } : line;
      return { index: first + i, timestamp, message: '', ...fields };
    });
    held.entries.push(...added);
    for (const [socket, streams] of this.#live) {
      const subscription = streams.get(stream);
      if (subscription !== undefined) this.#push(socket, stream, added, subscription.batch);
    }
  }

  /** Forgets everything up to `through`. */
  trim(stream: StreamId, through: number, reason: GapReason): void {
    const held = this.stream(stream);
    held.entries.splice(0, through + 1 - held.firstIndex);
    held.firstIndex = through + 1;
    held.gapReason = reason;
  }

  /** Ends a stream, and tells whoever follows. */
  end(stream: StreamId, outcome: Outcome): void {
    const held = this.stream(stream);
    held.ended = outcome;
    for (const [socket, streams] of this.#live)
      if (streams.delete(stream)) socket.emit('logs:end', { stream, lastIndex: lastIndex(held), ...outcome });
  }

  /** Sends any event to every socket: what an honest server would not. */
  broadcast(send: (socket: ScriptedSocket) => void): void {
    for (const socket of this.#live.keys()) send(socket);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.hangUp();
  }

  #onRequest(request: IncomingMessage, response: ServerResponse): void {
    this.requests.push(`${request.method} ${request.url}`);
    answerHttp(this, request, response).catch(() => response.destroy());
  }

  #onSocket(socket: ScriptedSocket): void {
    const streams = new Map<StreamId, { batch: boolean }>();
    this.#live.set(socket, streams);
    socket.on('disconnect', () => this.#live.delete(socket));
    socket.on('unsubscribe', ({ stream }, ack) => {
      streams.delete(stream);
      ack?.({ ok: true });
    });
    socket.on('subscribe', (request, ack) => this.#onSubscribe(socket, streams, request, ack));
    socket.on('history', ({ stream, before, after, limit = 1_000 }, ack) => {
      const held = this.stream(stream);
      const { entries } = page(held, { before, after, limit });
      ack?.({ ok: true, entries, firstIndex: held.firstIndex, lastIndex: lastIndex(held), gaps: [] });
    });
  }

  #onSubscribe(
    socket: ScriptedSocket,
    streams: Map<StreamId, { batch: boolean }>,
    request: Subscribe,
    ack?: (answer: Ack<{ stream: StreamId; room: string; firstIndex: number; lastIndex: number }>) => void,
  ): void {
    this.subscribed.push(request);
    if (this.mute) return;
    const error = this.refuse?.(request);
    if (error !== undefined) return ack?.({ ok: false, error });
    const stream = request.stream;
    const held = this.stream(stream);
    const about = { stream, firstIndex: held.firstIndex, lastIndex: lastIndex(held) };
    const after = request.sinceIndex ?? Math.max(held.firstIndex - 1, about.lastIndex - (request.lines ?? 100));
    const batch = request.batch ?? false;
    const entries = held.entries.filter((entry) => entry.index > after);
    const gap = held.firstIndex > after + 1;
    socket.emit('logs:history', gap ? [] : this.#distorted(entries.splice(0, 1_000), stream), about);
    if (gap) socket.emit('logs:gap', { stream, from: after + 1, to: held.firstIndex - 1, reason: held.gapReason });
    while (entries.length > 0) this.#push(socket, stream, entries.splice(0, 1_000), batch);
    socket.emit('logs:sources', { stream, sources: held.sources });
    ack?.({ ok: true, room: stream, ...about });
    if (held.ended !== undefined) socket.emit('logs:end', { stream, lastIndex: about.lastIndex, ...held.ended });
    else streams.set(stream, { batch });
  }

  #push(socket: ScriptedSocket, stream: StreamId, entries: LogEntry[], batch: boolean): void {
    const sent = this.#distorted(entries, stream);
    if (batch) socket.emit('logs', sent, { stream });
    else for (const entry of sent) socket.emit('log', entry, { stream });
  }

  #distorted(entries: LogEntry[], stream: StreamId): LogEntry[] {
    return this.distort === undefined ? entries : this.distort(entries, stream);
  }
}
