import type { Source } from '@kubidu/contracts';
import type { Sink, SourceWriter } from '@kubidu/core';
import { LogsError } from '@kubidu/core';

import { FollowSession } from './follow-session.ts';
import type { Origin } from './follow-session.ts';

/** Lines of a pod that were read and cannot be had again, but were not stored, or not surely. */
export interface Loss {
  readonly origin: Origin;
  readonly reason: 'collector-restarted' | 'not-stored';
}

/** How long a follow that ends waits for what it handed over to be stored. */
const FLUSH_MS = 2_000;

/** The cursor of a source whose loss was told. */
const LOST = 'lost';

/** Where all pods of a service write to: whoever follows it now. While nobody does, they wait. */
export class Outlet {
  readonly #losses = new Map<string, Loss>();
  readonly #onTold: (origin: Origin) => void;
  #session: FollowSession | undefined;
  #draining = false;
  #following = false;
  #waiting: (() => void)[] = [];
  #sources: readonly Source[] = [];

  /** @param onTold called once a loss was told and that is stored */
  constructor(onTold: (origin: Origin) => void) {
    this.#onTold = onTold;
  }

  /** To be told to the next follower, before anything else. */
  addLoss(loss: Loss): void {
    this.#losses.set(loss.origin.source, loss);
  }

  /** Follows until the signal aborts or the outlet closes. @throws what the sink threw, or CONFLICT */
  async follow(sink: Sink, signal: AbortSignal): Promise<void> {
    if (this.#following) throw new LogsError('CONFLICT', 'the service is followed already');
    if (this.#draining || signal.aborted) return;
    this.#following = true;
    const session = new FollowSession(sink);
    const end = () => session.end();
    signal.addEventListener('abort', end, { once: true });
    try {
      await Promise.race([this.#tellLosses(session), session.ended]);
      if (!signal.aborted) this.#begin(session);
      await session.ended;
    } finally {
      signal.removeEventListener('abort', end);
      this.#session = undefined;
      for (const origin of await session.unstored(FLUSH_MS))
        this.addLoss(this.#losses.get(origin.source) ?? { origin, reason: 'not-stored' });
      this.#following = false;
    }
  }

  /**
   * Hands over to whoever follows as soon as there is room, and returns whom that was: undefined once the outlet drains
   * and nobody takes it.
   */
  async deliver(origin: Origin, give: (writer: SourceWriter) => void): Promise<FollowSession | undefined> {
    for (;;) {
      const session = await this.#present();
      if (!session) return undefined;
      try {
        const writer = session.writer(origin);
        await session.ready(writer);
        if (session !== this.#session) continue;
        give(writer);
        return session;
      } catch (error) {
        if (session === this.#session) this.#session = undefined;
        session.fail(error);
      }
    }
  }

  /** Who writes now. */
  tell(sources: readonly Source[]): void {
    this.#sources = sources;
    this.#session?.sources(sources);
  }

  /** From now on nobody waits for a follower who is not there. */
  drain(): void {
    this.#draining = true;
    this.#wake();
  }

  /** Ends the follow. */
  close(): void {
    this.drain();
    this.#session?.end();
    this.#session = undefined;
  }

  #begin(session: FollowSession): void {
    this.#session = session;
    session.sources(this.#sources);
    this.#wake();
  }

  /** Never rejects: what the sink throws fails the session. */
  async #tellLosses(session: FollowSession): Promise<void> {
    try {
      for (const loss of [...this.#losses.values()]) {
        const { origin } = loss;
        if (session.cursor(origin) !== LOST) await tellLoss(loss, session);
        this.#losses.delete(origin.source);
        this.#onTold(origin);
      }
    } catch (error) {
      session.fail(error);
    }
  }

  async #present(): Promise<FollowSession | undefined> {
    while (!this.#session && !this.#draining) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return this.#session;
  }

  #wake(): void {
    const woken = this.#waiting;
    this.#waiting = [];
    for (const wake of woken) wake();
  }
}

async function tellLoss({ origin, reason }: Loss, session: FollowSession): Promise<void> {
  const { podName, container } = origin.labels;
  const named = { ...(podName !== undefined && { podName }), ...(container !== undefined && { container }) };
  session.writer(origin).event({ type: 'lost', reason, ...named }, LOST);
  await session.flush(origin);
}
