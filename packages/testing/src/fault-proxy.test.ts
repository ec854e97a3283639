import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';

import { describe, expect, it } from '@jest/globals';

import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';
import { FaultProxy } from './fault-proxy.ts';
import type { FaultPlan } from './fault-proxy.ts';

/** Sends `sends` to whoever connects, and what they send back. */
async function openServer(sends = Buffer.alloc(0)): Promise<AsyncDisposable & { port: number; sockets: Set<Socket> }> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    socket.write(sends);
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    sockets,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A client and what came of it. */
class Client implements AsyncDisposable {
  readonly socket: Socket;
  received = 0;
  text = '';
  error: NodeJS.ErrnoException | undefined;
  ended = false;

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    this.socket.on('data', (chunk: Buffer) => {
      this.received += chunk.length;
      if (this.text.length < 1_000) this.text += chunk.toString('latin1');
    });
    this.socket.on('error', (error) => (this.error = error));
    this.socket.on('end', () => (this.ended = true));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.destroy();
    await setImmediate();
  }
}

const open = (port: number, plan?: FaultPlan) => FaultProxy.open({ port, ...(plan && { plan }) });

describe('the fault proxy', () => {
  it('without a plan carries every byte both ways and counts them', async () => {
    await using server = await openServer(Buffer.alloc(3_000_000, 'x'));
    await using proxy = await open(server.port);
    await using client = new Client(proxy.port);
    client.socket.write(Buffer.alloc(1_000_000, 'y'));
    await eventually(() => client.received === 4_000_000);
    expect(proxy.bytes).toEqual({ toClient: 4_000_000, toServer: 1_000_000 });
    expect(proxy.connections).toBe(1);
  });

  it('passes the end of each side on to the other alone', async () => {
    await using server = await openServer();
    await using proxy = await open(server.port);
    await using client = new Client(proxy.port);
    client.socket.end('last words');
    await eventually(() => client.ended);
    expect(client).toMatchObject({ text: 'last words', error: undefined });
    await eventually(() => proxy.open === 0);
  });

  it.each([0, 1, 65_536, 100_001])(
    'resets the first connection after %d bytes and carries the next',
    async (resetAfterBytes) => {
      await using server = await openServer(Buffer.alloc(200_000, 'x'));
      await using proxy = await open(server.port, { resetAfterBytes });
      await using first = new Client(proxy.port);
      await eventually(() => first.socket.destroyed);
      expect(first.error?.code).toBe('ECONNRESET');
      expect(first.received).toBe(resetAfterBytes);
      await using second = new Client(proxy.port);
      await eventually(() => second.received === 200_000);
      expect(proxy).toMatchObject({ resets: 1, connections: 2 });
    },
  );

  it('resets as many connections at random places as planned, at the same ones for the same seed', async () => {
    await using server = await openServer(Buffer.alloc(50_000, 'x'));
    const places = async () => {
      await using proxy = await open(server.port, { randomResets: { seed: 7, times: 5, maxBytes: 40_000 } });
      const received: number[] = [];
      for (let round = 0; round < 6; round++) {
        await using client = new Client(proxy.port);
        await eventually(() => client.socket.destroyed || client.received === 50_000);
        received.push(client.received);
      }
      expect(proxy.resets).toBe(5);
      return received;
    };
    const once = await places();
    expect(once.at(-1)).toBe(50_000);
    expect(new Set(once).size).toBe(6);
    expect(await places()).toEqual(once);
  });

  it('goes silent after some bytes without a word to anybody', async () => {
    await using server = await openServer(Buffer.alloc(200_000, 'x'));
    await using proxy = await open(server.port, { stallAfterBytes: 1_000 });
    await using silent = new Client(proxy.port);
    await eventually(() => silent.received === 1_000);
    await using other = new Client(proxy.port);
    await eventually(() => other.received === 200_000);
    expect(silent).toMatchObject({ received: 1_000, error: undefined, ended: false });
    expect(silent.socket.destroyed).toBe(false);
  });

  it('is silent no longer than planned, and has then lost nothing', async () => {
    await using server = await openServer(Buffer.alloc(200_000, 'x'));
    await using proxy = await open(server.port, { stallAfterBytes: 1_000, stallMs: 50 });
    await using client = new Client(proxy.port);
    await eventually(() => client.received === 200_000);
  });

  it('paused carries nothing, new connections included, and resumed has lost nothing', async () => {
    await using server = await openServer(Buffer.from('hello '));
    await using proxy = await open(server.port);
    await using before = new Client(proxy.port);
    await eventually(() => before.text === 'hello ');
    proxy.pause();
    await using during = new Client(proxy.port);
    before.socket.write('abc ');
    before.socket.write('def ');
    await eventually(() => proxy.connections === 2);
    expect([before.text, during.text]).toEqual(['hello ', '']);
    proxy.resume();
    await eventually(() => before.text === 'hello abc def ' && during.text === 'hello ');
  });

  it('stalls the connections of now and serves the next', async () => {
    await using server = await openServer(Buffer.from('hello '));
    await using proxy = await open(server.port);
    await using before = new Client(proxy.port);
    await eventually(() => before.text === 'hello ');
    proxy.stallAll();
    before.socket.write('abc');
    await using after = new Client(proxy.port);
    await eventually(() => after.text === 'hello ');
    expect(before).toMatchObject({ text: 'hello ', error: undefined, ended: false });
  });

  it('resets all on command, so that both sides feel it', async () => {
    await using server = await openServer(Buffer.from('hello'));
    await using proxy = await open(server.port);
    await using client = new Client(proxy.port);
    await eventually(() => client.text === 'hello');
    proxy.resetAll();
    await eventually(() => client.error?.code === 'ECONNRESET' && server.sockets.size === 0);
  });

  it('passes a reset of the server on', async () => {
    await using server = await openServer(Buffer.from('hello'));
    await using proxy = await open(server.port);
    await using client = new Client(proxy.port);
    await eventually(() => client.text === 'hello');
    for (const socket of server.sockets) socket.resetAndDestroy();
    await eventually(() => client.error?.code === 'ECONNRESET');
  });

  it('ends the clients’ half on command and goes on carrying theirs', async () => {
    await using server = await openServer();
    await using proxy = await open(server.port);
    await using client = new Client(proxy.port);
    await eventually(() => server.sockets.size === 1);
    proxy.halfCloseAll();
    await eventually(() => client.ended);
    client.socket.write('still here');
    await eventually(() => proxy.bytes.toServer === 10);
  });

  it('refuses connections on command and takes them again on the same port', async () => {
    await using server = await openServer(Buffer.from('hello'));
    await using proxy = await open(server.port);
    proxy.refuse();
    await using refused = new Client(proxy.port);
    await eventually(() => refused.error?.code === 'ECONNREFUSED');
    await proxy.accept();
    await using client = new Client(proxy.port);
    await eventually(() => client.text === 'hello');
  });

  it('holds each piece back for the latency and keeps their order', async () => {
    await using server = await openServer();
    await using proxy = await open(server.port, { latencyMs: 30 });
    await using client = new Client(proxy.port);
    const started = performance.now();
    for (const piece of ['a', 'b', 'c', 'd']) {
      client.socket.write(piece);
      await setImmediate();
    }
    await eventually(() => client.text === 'abcd', { everyMs: 1 });
    expect(performance.now() - started).toBeGreaterThanOrEqual(58);
  });

  it('tells a client by a reset that the server is not there', async () => {
    await using proxy = await open(await freePort());
    await using client = new Client(proxy.port);
    await eventually(() => client.socket.destroyed || client.error !== undefined);
    await eventually(() => proxy.open === 0);
  });
});
