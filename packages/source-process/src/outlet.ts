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

const EXITED = ' exited';

/** The cursor of a life whose end was told, after so many lines. */
export const exitedAfter = (lines: number): string => `${lines}${EXITED}`;

/** What an outlet asks its owner. */
export interface OutletOptions {
  /** A loss was told and that is stored. Resolves with whether nothing more is owed; never rejects. */
  readonly onTold: (origin: Origin) => Promise<boolean>;
  /** Whether a source of the stream is the life of a pod that is over. */
  readonly isOver: (source: string) => boolean;
}

/** Where all pods of a service write to: whoever follows it now. While nobody does, they wait. */
export class Outlet {
  readonly #losses = new Map<string, Loss>();
  readonly #options: OutletOptions;
  #session: FollowSession | undefined;
  #draining = false;
  #following = false;
  #waiting: (() => void)[] = [];
  #sources: readonly Source[] = [];

  constructor(options: OutletOptions) {
    this.#options = options;
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

  /**
   * What was lost comes first; then nobody needs to know where lives stopped that are over, of this run or an earlier one.
   * Never rejects: what the sink throws fails the session.
   */
  async #tellLosses(session: FollowSession): Promise<void> {
    try {
      for (const loss of [...this.#losses.values()]) {
        const { origin } = loss;
        if (!isTold(session.cursor(origin))) await tellLoss(loss, session);
        if (await this.#options.onTold(origin)) this.#losses.delete(origin.source);
      }
      // A loss that is still owed is told again unless its cursor says that it was.
      const { isOver } = this.#options;
      session.forget(session.known().filter((source) => isOver(source) && !this.#losses.has(source)));
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

/** Whether nothing was lost, or that is told already. */
function isTold(cursor: string | undefined): boolean {
  return cursor === LOST || cursor?.endsWith(EXITED) === true;
}

async function tellLoss({ origin, reason }: Loss, session: FollowSession): Promise<void> {
  const { podName, container } = origin.labels;
  const named = { ...(podName !== undefined && { podName }), ...(container !== undefined && { container }) };
  session.writer(origin).event({ type: 'lost', reason, ...named }, LOST);
  await session.flush(origin);
}
