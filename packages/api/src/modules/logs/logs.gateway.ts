import { History, Subscribe, SubscribeBuild, SubscribeRuntime, Unsubscribe } from '@kubidu/contracts';
import type { Ack as Answer, HistoryPage, StreamId } from '@kubidu/contracts';
import { LogsError } from '@kubidu/core';
import { Inject, UseFilters } from '@nestjs/common';
import type { OnModuleDestroy } from '@nestjs/common';
import {
  Ack,
  ConnectedSocket,
  MessageBody,
  SubscribeMessage,
  WebSocketGateway,
  WebSocketServer,
} from '@nestjs/websockets';
import type { OnGatewayConnection, OnGatewayDisconnect, OnGatewayInit } from '@nestjs/websockets';
import type { Logger } from 'pino';
import type { Namespace, Socket } from 'socket.io';

import { parse } from '../../http/parse.ts';
import { Access } from '../auth/access.ts';
import { authenticateSocket, principalOfSocket } from '../auth/authenticate-socket.ts';
import { Authenticator } from '../auth/authenticator.ts';
import { Collector } from '../collect/collector.ts';
import { RateLimits, TooMany } from '../limits/rate-limits.ts';
import { LOGGER } from '../logging/logger.ts';
import { AckErrors, answerError, isAcknowledge } from './ack-errors.filter.ts';
import type { Acknowledge } from './ack-errors.filter.ts';
import { Deliveries } from './delivery/deliveries.ts';
import type { Wish } from './delivery/deliveries.ts';
import { SocketOutlet } from './delivery/socket-outlet.ts';
import { LogsService } from './logs.service.ts';

const EVENTS = ['subscribe', 'subscribe:runtime', 'subscribe:build', 'unsubscribe', 'history'];
const ACCESS_CHECK_MS = 60_000;

/** How a socket wants its subscription. */
type SocketWish = Wish & { readonly batch: boolean };

/** Socket.IO namespace `/logs`: the contract's section 3. What a request does lies behind it. */
@UseFilters(AckErrors)
@WebSocketGateway({ namespace: '/logs' })
export class LogsGateway implements OnGatewayInit, OnGatewayConnection, OnGatewayDisconnect, OnModuleDestroy {
  @WebSocketServer() private readonly namespace!: Namespace;
  private accessCheck: NodeJS.Timeout | undefined;

  constructor(
    private readonly deliveries: Deliveries,
    private readonly logs: LogsService,
    private readonly collector: Collector,
    private readonly authenticator: Authenticator,
    private readonly access: Access,
    private readonly limits: RateLimits,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  afterInit(namespace: Namespace): void {
    namespace.use(authenticateSocket(this.authenticator));
    this.accessCheck = setInterval(() => this.checkAccess(), ACCESS_CHECK_MS).unref();
  }

  handleConnection(socket: Socket): void {
    socket.use(([event, ...args], next) => {
      const error = this.refusal(socket, event);
      if (error) answerError(socket, error.body(), args[0], args.find(isAcknowledge));
      else next();
    });
  }

  /** Why an event is not looked at; letting go of a stream is always free. */
  private refusal(socket: Socket, event: string): LogsError | undefined {
    if (!EVENTS.includes(event))
      return new LogsError('INVALID_ARGUMENT', `there is no such event; there are ${EVENTS.join(', ')}`);
    if (event === 'unsubscribe') return undefined;
    try {
      this.limits.socket(socket, principalOfSocket(socket));
      return undefined;
    } catch (error) {
      if (error instanceof TooMany) return error;
      throw error;
    }
  }

  async handleDisconnect(socket: Socket): Promise<void> {
    await this.deliveries.endAll(socket);
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.accessCheck);
    // Closing the transport, not the socket: after `io server disconnect` socket.io-client stays away for good.
    for (const socket of this.namespace.sockets.values()) socket.conn.close();
    await this.deliveries[Symbol.asyncDispose]();
  }

  @SubscribeMessage('subscribe')
  async subscribe(
    @ConnectedSocket() socket: Socket,
    @MessageBody() body: unknown,
    @Ack() ack?: Acknowledge,
  ): Promise<void> {
    const { stream, ...wish } = parse(Subscribe, body);
    await this.begin(socket, stream, wish, ack);
  }

  @SubscribeMessage('subscribe:runtime')
  async subscribeRuntime(
    @ConnectedSocket() socket: Socket,
    @MessageBody() body: unknown,
    @Ack() ack?: Acknowledge,
  ): Promise<void> {
    const { serviceId, ...wish } = parse(SubscribeRuntime, body);
    await this.begin(socket, `runtime:${serviceId}`, wish, ack);
  }

  @SubscribeMessage('subscribe:build')
  async subscribeBuild(
    @ConnectedSocket() socket: Socket,
    @MessageBody() body: unknown,
    @Ack() ack?: Acknowledge,
  ): Promise<void> {
    const { deploymentId, ...wish } = parse(SubscribeBuild, body);
    await this.begin(socket, `build:${deploymentId}`, wish, ack);
  }

  @SubscribeMessage('unsubscribe')
  async unsubscribe(@ConnectedSocket() socket: Socket, @MessageBody() body: unknown): Promise<Answer<object>> {
    const { stream } = parse(Unsubscribe, body);
    await this.end(socket, stream);
    return { ok: true };
  }

  @SubscribeMessage('history')
  async history(@ConnectedSocket() socket: Socket, @MessageBody() body: unknown): Promise<Answer<HistoryPage>> {
    const { stream, before, after, limit } = parse(History, body);
    await this.mustRead(socket, stream);
    return { ok: true, ...(await this.logs.history(stream, { before, after, limit })) };
  }

  private async begin(socket: Socket, stream: StreamId, wish: SocketWish, ack: Acknowledge | undefined): Promise<void> {
    await this.mustRead(socket, stream);
    const viewing = this.viewing(socket, stream);
    const { subscribed, start } = await this.deliveries.prepare(socket, stream, wish, {
      outlet: new SocketOutlet(socket),
      form: wish.batch ? 'logs' : 'log',
      companion: viewing,
    });
    await socket.join(subscribed.room);
    ack?.({ ok: true, ...subscribed });
    start(() => viewing.tell());
  }

  /**
   * Somebody reads the stream: it is collected for that, and its sources are told whenever they change, from the first
   * `tell` on: `logs:history` comes first.
   */
  private viewing(socket: Socket, stream: StreamId): AsyncDisposable & { tell(): void } {
    const want = this.collector.want(stream);
    let telling = false;
    const silence = this.collector.onSources(stream, () => {
      if (telling) this.emitSources(socket, stream);
    });
    return {
      tell: () => {
        telling = true;
        this.emitSources(socket, stream);
      },
      [Symbol.asyncDispose]: async () => {
        silence();
        await want[Symbol.asyncDispose]();
      },
    };
  }

  private emitSources(socket: Socket, stream: StreamId): void {
    socket.emit('logs:sources', { stream, sources: this.collector.sources(stream) });
  }

  private async end(socket: Socket, stream: StreamId): Promise<void> {
    await socket.leave(stream);
    await this.deliveries.end(socket, stream);
  }

  /** On sockets, what one may not read and what does not exist look alike. */
  private async mustRead(socket: Socket, stream: StreamId): Promise<void> {
    if (await this.access.may(principalOfSocket(socket), 'read', stream)) return;
    throw unauthorized();
  }

  private async endUnlessAllowed(socket: Socket, stream: StreamId): Promise<void> {
    if (await this.access.may(principalOfSocket(socket), 'read', stream)) return;
    await this.end(socket, stream);
    socket.emit('error', { ...unauthorized().body(), stream });
  }

  /** Rights change while a socket stays: what one may no longer read ends. */
  private checkAccess(): void {
    for (const socket of this.namespace.sockets.values())
      for (const stream of this.deliveries.streams(socket))
        this.endUnlessAllowed(socket, stream).catch((error: unknown) => {
          this.logger.warn({ err: error, stream }, 'access could not be checked');
        });
  }
}

function unauthorized(): LogsError {
  return new LogsError('FORBIDDEN', 'Unauthorized');
}
