import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@kubidu/testing';
import { ScriptedServer } from '@kubidu/testing/scripted-server';

import { Session } from './session.ts';
import type { SessionState } from './session.ts';

type SignedIn = Extract<SessionState, { phase: 'signed-in' }>;

describe('A session', () => {
  let server: ScriptedServer;
  let session: Session;
  /** What is kept for the next start, and whether beyond the tab. */
  let kept: { token: string; keep: boolean } | undefined;
  /** What a browser would report, which Node has no word for. */
  let reported: unknown[];
  beforeEach(async () => {
    reported = [];
    Object.assign(globalThis, { reportError: (error: unknown) => reported.push(error) });
    server = await ScriptedServer.start();
    kept = undefined;
    const store = {
      read: () => kept?.token,
      write: (token: string, { keep }: { keep: boolean }) => void (kept = { token, keep }),
      clear: () => void (kept = undefined),
    };
    session = new Session({ url: server.url, store });
  });
  afterEach(async () => {
    session.signOut();
    await server[Symbol.asyncDispose]();
    expect(reported).toEqual([]);
  });

  const phase = () => session.state().phase;
  const signedIn = () => {
    expect(phase()).toBe('signed-in');
    return session.state() as SignedIn;
  };

  it('needs no token where the server asks for none, and nothing of it expires', async () => {
    const phases: string[] = [];
    session.subscribe(() => phases.push(phase()));
    expect(phase()).toBe('checking');
    await session.start();
    expect(phases).toEqual(['signed-in']);
    expect(signedIn().me.authentication).toBe('off');
    session.refused();
    expect(signedIn().expired).toBe(false);
  });

  it('goes on with the token of before, and asks for another one where that is no good any more', async () => {
    server.tokens = new Set(['good']);
    kept = { token: 'good', keep: true };
    await session.start();
    expect(signedIn().me.subject).toBe('ada');
    session.signOut();
    kept = { token: 'old', keep: true };
    await session.start();
    expect(phase()).toBe('signed-out');
    expect(kept).toBeUndefined();
  });

  it('takes a token that the server knows, and says why it does not take another', async () => {
    server.tokens = new Set(['good']);
    await session.start();
    expect(phase()).toBe('signed-out');
    await expect(session.signIn('bad', { keep: true })).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    expect({ phase: phase(), kept }).toEqual({ phase: 'signed-out', kept: undefined });
    await session.signIn('good', { keep: true });
    expect({ phase: phase(), kept }).toEqual({ phase: 'signed-in', kept: { token: 'good', keep: true } });
    await server.hangUp();
    await expect(session.signIn('good', { keep: false })).rejects.toMatchObject({ code: 'UNREACHABLE' });
    expect(phase()).toBe('signed-in');
  });

  it('looks for the server while it is away, and finds it when it is back', async () => {
    await server.hangUp();
    await session.start();
    expect(phase()).toBe('away');
    await server.listen();
    await eventually(() => phase() === 'signed-in');
  });

  it('keeps everything when the token is over, has whoever asks wait, and goes on with the next one', async () => {
    server.tokens = new Set(['first']);
    server.me = { expiresAt: new Date(Date.now() + 400).toISOString() };
    await session.signIn('first', { keep: false });
    const { clients } = signedIn();
    await eventually(() => signedIn().expired);
    expect(signedIn().clients).toBe(clients);
    const asked = server.requests.length;
    let answered = false;
    const answer = clients.logs.http.me().finally(() => (answered = true));
    server.tokens = new Set(['second']);
    server.me = { expiresAt: new Date(Date.now() + 60_000).toISOString() };
    await session.signIn('second', { keep: false });
    // Only the sign-in itself asked: who waited has the next token, not one that is refused.
    expect({ answered, asked: server.requests.slice(asked) }).toEqual({ answered: false, asked: ['GET /api/me'] });
    expect((await answer).subject).toBe('ada');
    expect(signedIn().clients).toBe(clients);
    expect(signedIn().expired).toBe(false);
  });

  it('goes on with its connections when the server says before the clock does that the token is over', async () => {
    server.tokens = new Set(['first']);
    server.append('runtime:web', 'one');
    await session.signIn('first', { keep: false });
    const { clients } = signedIn();
    const read: number[] = [];
    const reading = (async () => {
      for await (const item of clients.logs.subscribe('runtime:web'))
        if (item.type === 'entries') read.push(...item.entries.map(({ index }) => index));
    })();
    await eventually(() => read.length === 1);
    server.tokens = new Set(['second']);
    server.disconnectAll();
    await eventually(() => signedIn().expired && server.sockets === 0);
    session.refused(); // as whoever asked over HTTP meanwhile says
    server.append('runtime:web', 'two');
    await session.signIn('second', { keep: false });
    expect(signedIn().clients).toBe(clients);
    await eventually(() => read.length === 2);
    expect(read).toEqual([1, 2]);
    session.signOut();
    await reading;
  });

  it('connects anew after a connection gave up, and for another person', async () => {
    server.tokens = new Set(['token']);
    await session.signIn('token', { keep: false });
    const first = signedIn().clients;
    session.gaveUp();
    session.refused();
    expect(signedIn()).toMatchObject({ expired: true, clients: first });
    await session.signIn('token', { keep: false });
    const second = signedIn().clients;
    expect(second).not.toBe(first);
    server.me = { subject: 'grace' };
    await session.signIn('token', { keep: false });
    expect(signedIn().me.subject).toBe('grace');
    expect(signedIn().clients).not.toBe(second);
  });

  it('closes the connections and forgets the token when one signs out', async () => {
    server.append('runtime:web', 'hello');
    await session.signIn('token', { keep: true });
    const subscription = signedIn().clients.logs.subscribe('runtime:web');
    const reading = (async () => {
      for await (const item of subscription) if (item.type === 'connected') session.signOut();
    })();
    await reading;
    await eventually(() => server.sockets === 0);
    expect({ phase: phase(), kept }).toEqual({ phase: 'signed-out', kept: undefined });
  });
});
