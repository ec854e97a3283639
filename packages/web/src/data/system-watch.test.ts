import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { connect } from '@kubidu/client';
import type { LogsClient } from '@kubidu/client';
import type { NewEntry } from '@kubidu/contracts';
import { eventually } from '@kubidu/testing';
import { ScriptedServer } from '@kubidu/testing/scripted-server';

import { SystemWatch } from './system-watch.ts';

const STREAM = 'runtime:web';
const event = (message: string): Partial<NewEntry> => ({ message, stream: 'system' });

describe('Watching what happens to a stream', () => {
  let server: ScriptedServer;
  let client: LogsClient;
  let watch: SystemWatch;
  let refusals: number;
  /** What a browser would report, which Node has no word for. */
  let reported: unknown[];
  beforeEach(async () => {
    reported = [];
    Object.assign(globalThis, { reportError: (error: unknown) => reported.push(error) });
    server = await ScriptedServer.start();
    client = connect({ url: server.url, backoff: { maxMs: 50 } });
    refusals = 0;
    watch = new SystemWatch(client, STREAM, () => refusals++);
  });
  afterEach(async () => {
    await client.close();
    await server[Symbol.asyncDispose]();
    expect(reported).toEqual([]);
  });

  const messages = () => watch.state().entries.map(({ message }) => message);

  it('asks the server for the system entries only, and tells what comes and who writes', async () => {
    server.append(STREAM, event('container started'));
    server.stream(STREAM).sources.push({ podName: 'web-1', container: 'app', state: 'running' });
    let told = 0;
    watch.subscribe(() => told++);
    expect(watch.state()).toEqual({ entries: [], ready: false });
    await eventually(() => watch.state().ready && watch.state().sources !== undefined);
    expect(server.subscribed).toMatchObject([{ stream: STREAM, query: 'stream:system' }]);
    expect(watch.state().sources).toHaveLength(1);
    server.append(STREAM, event('container exited'));
    await eventually(() => expect(messages()).toEqual(['container started', 'container exited']));
    expect(told).toBeGreaterThanOrEqual(3);
  });

  it('reads once for all who listen, not while nobody does, and then goes on behind what it has', async () => {
    server.append(STREAM, event('1'), event('2'));
    const leave = [watch.subscribe(() => undefined), watch.subscribe(() => undefined)];
    await eventually(() => messages().length === 2);
    expect(server.subscribed).toHaveLength(1);
    for (const one of leave) one();
    server.append(STREAM, event('3'));
    watch.subscribe(() => undefined);
    await eventually(() => expect(messages()).toEqual(['1', '2', '3']));
    expect(server.subscribed.at(-1)).toMatchObject({ sinceIndex: 2 });
  });

  it('has each entry once when the server was away', async () => {
    server.append(STREAM, event('1'));
    watch.subscribe(() => undefined);
    await eventually(() => messages().length === 1);
    await server.hangUp();
    server.append(STREAM, event('2'));
    await server.listen();
    await eventually(() => expect(messages()).toEqual(['1', '2']));
  });

  it('keeps the newest 2,000', async () => {
    watch.subscribe(() => undefined);
    await eventually(() => watch.state().ready);
    for (const part of [0, 1, 2])
      server.append(STREAM, ...Array.from({ length: 900 }, (_, place) => event(`${part * 900 + place + 1}`)));
    await eventually(() => messages().at(-1) === '2700');
    expect(messages()).toHaveLength(2_000);
    expect(messages()[0]).toBe('701');
  });

  it.each([{ status: 'failed', exitCode: 3 } as const, { status: 'lost' } as const])(
    'tells that the stream ended as %j',
    async (outcome) => {
      server.append(STREAM, event('1'));
      server.end(STREAM, outcome);
      watch.subscribe(() => undefined);
      await eventually(() => expect(watch.state().ended).toEqual(outcome));
    },
  );

  it('says why it is refused, and asks for another token where that is the reason', async () => {
    server.refuse = () => ({ code: 'FORBIDDEN', message: 'no' });
    const leave = watch.subscribe(() => undefined);
    await eventually(() => watch.state().error?.code === 'FORBIDDEN');
    expect(refusals).toBe(0);
    leave();
    await client.close();
    server.tokens = new Set(['another']);
    client = connect({ url: server.url, token: 'old' });
    watch = new SystemWatch(client, STREAM, () => refusals++);
    watch.subscribe(() => undefined);
    await eventually(() => watch.state().error?.code === 'UNAUTHENTICATED');
    expect(refusals).toBe(1);
  });
});
