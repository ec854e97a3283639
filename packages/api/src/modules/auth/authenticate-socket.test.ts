import { describe, expect, it } from '@jest/globals';
import { io } from 'socket.io-client';
import type { ManagerOptions, Socket, SocketOptions } from 'socket.io-client';

import { ApiFixture, SECRET, tokenOf } from '../../testing/api-fixture.ts';

const WITH_TOKENS = { KUBIDU_JWT_SECRET: SECRET };

/** A client of the namespace, closed with its test. */
class Client implements AsyncDisposable {
  readonly socket: Socket;

  constructor(api: ApiFixture, options: Partial<ManagerOptions & SocketOptions> = {}) {
    this.socket = io(`${api.url}/logs`, { transports: ['websocket'], reconnection: false, forceNew: true, ...options });
  }

  /** `connected`, or what the refusal says. */
  async outcome(): Promise<unknown> {
    return Promise.race([
      next(this.socket, 'connect').then(() => 'connected'),
      next(this.socket, 'connect_error').then(([error]) => {
        const { message, data } = error as Error & { data?: unknown };
        return { message, data };
      }),
    ]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { engine } = this.socket.io;
    const closed = this.socket.connected ? new Promise((resolve) => engine.once('close', resolve)) : undefined;
    this.socket.disconnect();
    await closed;
  }
}

/** The arguments of the socket's next event of this name. */
function next(socket: Socket, event: string): Promise<unknown[]> {
  return new Promise((resolve) => socket.once(event, (...args: unknown[]) => resolve(args)));
}

describe('a socket', () => {
  it('needs no token where authentication is off', async () => {
    await using api = await ApiFixture.start();
    await using client = new Client(api);
    expect(await client.outcome()).toBe('connected');
  });

  it('is taken with a token in its handshake or in a header', async () => {
    await using api = await ApiFixture.start(WITH_TOKENS);
    const token = await tokenOf({});
    for (const options of [
      { auth: { token } },
      { auth: { token: `Bearer ${token}` } },
      { extraHeaders: { authorization: `Bearer ${token}` } },
      { auth: { token }, transports: ['polling'] },
    ]) {
      await using client = new Client(api, options);
      expect(await client.outcome()).toBe('connected');
    }
  });

  it.each([
    { of: 'no token', auth: async () => ({}) },
    { of: 'a bad token', auth: async () => ({ token: 'nonsense' }) },
    { of: 'a number for a token', auth: async () => ({ token: 7 }) },
    { of: 'an expired token', auth: async () => ({ token: await tokenOf({}, { exp: -1 }) }) },
  ])('is refused with $of', async ({ auth }) => {
    await using api = await ApiFixture.start(WITH_TOKENS);
    await using client = new Client(api, { auth: await auth() });
    expect(await client.outcome()).toEqual({ message: 'Unauthorized', data: { code: 'UNAUTHENTICATED' } });
  });

  it('ends when its token does, saying why', async () => {
    await using api = await ApiFixture.start(WITH_TOKENS);
    // Two seconds, since a token counts whole ones.
    await using client = new Client(api, { auth: { token: await tokenOf({}, { exp: 2 }) } });
    const told: unknown[] = [];
    client.socket.on('error', (error: unknown) => told.push(error));
    expect(await client.outcome()).toBe('connected');
    const reason = await new Promise((resolve) => client.socket.once('disconnect', resolve));
    expect(reason).toBe('io server disconnect');
    expect(told).toEqual([{ message: 'Unauthorized', code: 'UNAUTHENTICATED' }]);
  });

  it.each([
    { origin: 'https://logs.example.com', outcome: 'connected' },
    { origin: 'https://evil.example.com', outcome: { message: 'websocket error' } },
    { origin: 'null', outcome: { message: 'websocket error' } },
  ])('from a web page of $origin: $outcome', async ({ origin, outcome }) => {
    await using api = await ApiFixture.start({ KUBIDU_CORS_ORIGINS: 'https://logs.example.com' });
    await using client = new Client(api, { extraHeaders: { origin } });
    const found = await client.outcome();
    if (typeof outcome === 'string') expect(found).toBe(outcome);
    else expect(found).toMatchObject(outcome);
  });

  it('reconnects by itself when the server is shut down', async () => {
    const api = await ApiFixture.start();
    await using client = new Client(api);
    expect(await client.outcome()).toBe('connected');
    const gone = next(client.socket, 'disconnect');
    await api.api.close();
    // socket.io-client stays away for good after `io server disconnect`: https://socket.io/docs/v4/client-socket-instance/#disconnect
    expect((await gone)[0]).toBe('transport close');
  });
});
