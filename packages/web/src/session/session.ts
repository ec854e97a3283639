import { ClientError, connect } from '@kubidu/client';
import type { LogsClient, Token } from '@kubidu/client';
import type { Me } from '@kubidu/contracts';
import { HttpApi } from '@kubidu/client/http';

import type { Embedder } from './embedder.ts';
import type { TokenStore } from './token-store.ts';

/** Waits between two attempts to find the server, in milliseconds. */
const AWAY_MS = 2_000;
/** How long before its token ends the embedding page is asked for the next, in milliseconds. */
const RENEW_MS = 30_000;
/** Longest time-out of a browser, in milliseconds. */
const LONGEST_TIMER_MS = 2_147_483_647;

/** The connections of one reader. */
export interface Clients {
  /** For the viewer: it reads each stream once. */
  readonly logs: LogsClient;
  /** For what the pages show beside it: a client has one reader for each stream. */
  readonly watch: LogsClient;
}

/** Where one stands with the server. */
export type SessionState =
  /** Asking the server who one is. */
  | { readonly phase: 'checking' }
  /** The server does not answer; it is asked again. */
  | { readonly phase: 'away' }
  /** A token is needed. */
  | { readonly phase: 'signed-out' }
  /** `expired`: the token is over, everything stays as it is and goes on with the next one. */
  | { readonly phase: 'signed-in'; readonly me: Me; readonly clients: Clients; readonly expired: boolean };

/** What a session is made of. */
export interface SessionOptions {
  readonly url: string;
  readonly store: TokenStore;
  /** The page around this one, where there is one that may hand in tokens. */
  readonly embedder?: Embedder | undefined;
}

/**
 * Who reads: holds the token, hands it to the clients, and when it is over keeps them waiting for the next one, so that
 * they continue where they were. One for each document; it lives as long as that.
 */
export class Session {
  readonly #options: SessionOptions;
  readonly #listeners = new Set<() => void>();
  #state: SessionState = { phase: 'checking' };
  #token: string | undefined;
  /** Those who wait for the next token. */
  #waiting: ((token: string | undefined) => void)[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Whether a connection gave up, so that the next token needs new ones. */
  #gaveUp = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    // A token that is no good leaves things as they are: a person may sign in.
    options.embedder?.onToken((token) => {
      this.signIn(token, { keep: false }).catch(() => undefined);
    });
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly state = (): SessionState => this.#state;

  /** Finds out whether a token is needed, and whether the one of before still does. */
  async start(): Promise<void> {
    this.#token = this.#options.store.read();
    await this.#check();
  }

  /**
   * Goes on with this token.
   * @param keep whether this device may keep it after the tab is closed
   * @throws {ClientError} UNAUTHENTICATED where the server refuses it, UNREACHABLE where it does not answer
   */
  async signIn(token: string, { keep }: { readonly keep: boolean }): Promise<void> {
    const me = await new HttpApi({ url: this.#options.url, token }).me();
    this.#options.store.write(token, { keep });
    this.#accept(me, token);
  }

  /** Forgets the token and closes the connections. */
  signOut(): void {
    clearTimeout(this.#timer);
    this.#options.store.clear();
    this.#token = undefined;
    this.#closeClients();
    this.#set({ phase: 'signed-out' });
  }

  /** The server refused the token: asks for another one, and keeps what there is. */
  refused(): void {
    this.#expire();
  }

  /** A connection was refused so often that it gave up: asks for another token, and connects anew with it. */
  gaveUp(): void {
    this.#gaveUp = true;
    this.#expire();
  }

  /**
   * The token for clients. While it is over, resolves with the next one. Whether it is over is the server's to say, whose
   * clock may be ahead of ours.
   */
  readonly #currentToken: Token = (refused) => {
    const { phase } = this.#state;
    if (phase !== 'signed-in') return this.#token;
    const isRefused = refused !== undefined && refused === this.#token;
    if (!this.#state.expired && !isOver(this.#state.me) && !isRefused) return this.#token;
    this.#expire();
    return new Promise((resolve) => this.#waiting.push(resolve));
  };

  async #check(): Promise<void> {
    try {
      const me = await new HttpApi({ url: this.#options.url, token: this.#token }).me();
      this.#accept(me, this.#token);
    } catch (error) {
      if (error instanceof ClientError && error.code === 'UNAUTHENTICATED') {
        this.#options.store.clear();
        this.#options.embedder?.ask();
        this.#set({ phase: 'signed-out' });
      } else {
        this.#set({ phase: 'away' });
        this.#timer = setTimeout(() => {
          this.#check().catch(reportError);
        }, AWAY_MS);
      }
    }
  }

  #accept(me: Me, token: string | undefined): void {
    const before = this.#state.phase === 'signed-in' ? this.#state : undefined;
    const same = before !== undefined && before.me.subject === me.subject && !this.#gaveUp;
    this.#gaveUp = false;
    this.#token = token;
    const waiting = this.#waiting.splice(0);
    if (!same) this.#closeClients();
    this.#set({ phase: 'signed-in', me, expired: false, clients: same ? before.clients : this.#open() });
    for (const resolve of waiting) resolve(token);
    this.#watchExpiry(me);
  }

  #watchExpiry({ expiresAt }: Me): void {
    clearTimeout(this.#timer);
    if (expiresAt === undefined) return;
    const left = Date.parse(expiresAt) - Date.now();
    const asksFirst = this.#options.embedder !== undefined && left > RENEW_MS;
    const then = asksFirst ? () => this.#renew(expiresAt) : () => this.#expire();
    this.#timer = setTimeout(then, Math.min(Math.max(0, asksFirst ? left - RENEW_MS : left), LONGEST_TIMER_MS));
  }

  #renew(expiresAt: string): void {
    this.#options.embedder?.ask();
    this.#timer = setTimeout(() => this.#expire(), Math.max(0, Date.parse(expiresAt) - Date.now()));
  }

  #expire(): void {
    if (this.#state.phase !== 'signed-in' || this.#state.expired || this.#state.me.authentication === 'off') return;
    clearTimeout(this.#timer);
    this.#options.embedder?.ask();
    this.#set({ ...this.#state, expired: true });
  }

  #open(): Clients {
    const options = { url: this.#options.url, token: this.#currentToken };
    return { logs: connect(options), watch: connect(options) };
  }

  #closeClients(): void {
    if (this.#state.phase !== 'signed-in') return;
    const { logs, watch } = this.#state.clients;
    Promise.all([logs.close(), watch.close()]).catch(reportError);
  }

  #set(state: SessionState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}

function isOver({ expiresAt }: Me): boolean {
  return expiresAt !== undefined && Date.parse(expiresAt) <= Date.now();
}
