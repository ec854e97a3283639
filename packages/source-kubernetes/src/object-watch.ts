import { setTimeout as sleep } from 'node:timers/promises';

import { Intake, IntakeBudget } from './intake.ts';
import { isExpired } from './api-server.ts';
import { retryDelay, withJitter } from './timing.ts';
import type { ApiServer } from './api-server.ts';
import type { Timing } from './timing.ts';

interface RawObject {
  readonly metadata: { readonly uid: string; readonly resourceVersion: string };
}
interface RawList<T> {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  readonly items?: readonly T[];
}
interface WatchEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: T & { readonly code?: number };
}

/** What is told about the objects that are watched, in the order in which it happened. */
interface Watcher<T> {
  /** There is this object, new or changed. */
  present(object: T): void;
  /** It is gone; the object as it was last, where that is known. */
  absent(uid: string, last: T | undefined): void;
}

export interface ObjectWatchOptions<T> {
  readonly server: ApiServer;
  /** Like `/api/v1/pods`. */
  readonly path: string;
  /** Selectors. */
  readonly query?: Readonly<Record<string, string>>;
  readonly watcher: Watcher<T>;
  readonly timing: Timing;
}

const PAGE = 500;
const METADATA_ONLY = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json';

/**
 * Knows a kind of object as the API server does, whatever happens on the way: lists in pages, then watches; lists again
 * when the watch expired (410), takes it up again when it ended, broke or fell silent, and compares what it knows with
 * a list of names now and then, since watches have been seen to miss.
 */
export class ObjectWatch<T extends RawObject> {
  readonly #options: ObjectWatchOptions<T>;
  readonly #known = new Map<string, string>();
  readonly #budget = new IntakeBudget();
  #version: string | undefined;
  #relist = new AbortController();
  #fault: unknown = 'not listed yet';

  constructor(options: ObjectWatchOptions<T>) {
    this.#options = options;
  }

  /** Why it does not know; undefined while it does. */
  get fault(): unknown {
    return this.#fault;
  }

  /** Watches until the signal aborts. `tried` is called once, after the first list, whether it came or not. */
  async run(tried: () => void, signal: AbortSignal): Promise<void> {
    const reconciling = this.#reconcileNowAndThen(signal);
    for (let tries = 0; !signal.aborted;) {
      try {
        if (this.#version === undefined) await this.#list(signal);
        this.#fault = undefined;
        tried();
        tries = 0;
        await this.#watch(signal);
      } catch (error) {
        if (signal.aborted) break;
        if (isExpired(error)) {
          this.#version = undefined;
          continue;
        }
        this.#fault = error;
        tried();
        await sleep(retryDelay(tries++, this.#options.timing.retryMs), undefined, { signal }).catch(() => undefined);
      }
    }
    await reconciling;
  }

  #url(more: Record<string, string>): string {
    return `${this.#options.path}?${new URLSearchParams({ ...this.#options.query, ...more }).toString()}`;
  }

  async #list(signal: AbortSignal): Promise<void> {
    const present = new Set<string>();
    const { version } = await this.#pages<T>(signal, 'application/json', (object) => {
      present.add(object.metadata.uid);
      this.#present(object);
    });
    for (const uid of [...this.#known.keys()]) if (!present.has(uid)) this.#absent(uid, undefined);
    this.#version = version;
  }

  async #pages<O>(signal: AbortSignal, accept: string, take: (object: O) => void): Promise<{ version: string }> {
    const { server, timing } = this.#options;
    for (let page = ''; ;) {
      const url = this.#url({ limit: String(PAGE), ...(page !== '' && { continue: page }) });
      const list = (await server.json(url, { signal, headMs: timing.headMs, accept })) as RawList<O>;
      for (const object of list.items ?? []) take(object);
      page = list.metadata.continue ?? '';
      if (page === '') return { version: list.metadata.resourceVersion };
    }
  }

  /** One watch. Returns when it ended, as it does every `watchMs`; throws when it failed. */
  async #watch(owner: AbortSignal): Promise<void> {
    const { server, timing } = this.#options;
    this.#relist = new AbortController();
    const signal = AbortSignal.any([owner, this.#relist.signal]);
    const timeoutSeconds = Math.ceil(withJitter(timing.watchMs) / 1_000);
    const url = this.#url({
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: this.#version ?? '',
      timeoutSeconds: String(timeoutSeconds),
    });
    const intake = new Intake(await server.open(url, { signal, headMs: timing.headMs }), this.#budget);
    try {
      let rest = '';
      const decoder = new TextDecoder();
      const deadline = Date.now() + timeoutSeconds * 1_000 + timing.graceMs;
      while (intake.ended === 'open' && !signal.aborted && Date.now() < deadline) {
        await intake.wait(deadline - Date.now(), signal);
        for (const chunk of intake.take()) rest = this.#events(rest + decoder.decode(chunk, { stream: true }));
      }
    } finally {
      intake.close();
    }
    if (this.#relist.signal.aborted) this.#version = undefined;
  }

  #events(text: string): string {
    let start = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      this.#event(JSON.parse(text.slice(start, end)) as WatchEvent<T>);
      start = end + 1;
    }
    return text.slice(start);
  }

  #event({ type, object }: WatchEvent<T>): void {
    if (type === 'ERROR') {
      // 410 Gone, mostly; whatever it is, a list sets it right.
      this.#relist.abort();
      return;
    }
    this.#version = object.metadata.resourceVersion;
    if (type === 'DELETED') this.#absent(object.metadata.uid, object);
    else if (type !== 'BOOKMARK') this.#present(object);
  }

  #present(object: T): void {
    const { uid, resourceVersion } = object.metadata;
    if (this.#known.get(uid) === resourceVersion) return;
    this.#known.set(uid, resourceVersion);
    this.#options.watcher.present(object);
  }

  #absent(uid: string, last: T | undefined): void {
    if (this.#known.delete(uid)) this.#options.watcher.absent(uid, last);
  }

  async #reconcileNowAndThen(signal: AbortSignal): Promise<void> {
    const { timing } = this.#options;
    while (!signal.aborted) {
      try {
        await sleep(withJitter(timing.reconcileMs), undefined, { signal });
        if (this.#version !== undefined && (await this.#differs(signal))) this.#relist.abort();
      } catch {
        // Aborted, or the cluster is away: the watch itself finds out.
      }
    }
  }

  /** Whether the server has had, for a while, another state than we know. */
  async #differs(signal: AbortSignal): Promise<boolean> {
    const before = [...this.#known.keys()];
    const found = new Map<string, string>();
    await this.#pages<RawObject>(signal, METADATA_ONLY, ({ metadata }) =>
      found.set(metadata.uid, metadata.resourceVersion),
    );
    // What the watch is about to bring anyway is no difference.
    await sleep(this.#options.timing.graceMs, undefined, { signal });
    const missed = [...found].some(([uid, version]) => isOlder(this.#known.get(uid), version));
    return missed || before.some((uid) => !found.has(uid) && this.#known.has(uid));
  }
}

/** Resource versions of one kind are numbers that grow, since Kubernetes 1.35 by contract and before that in fact. */
function isOlder(known: string | undefined, listed: string): boolean {
  if (known === undefined) return true;
  return known.length <= listed.length && (known.length < listed.length || known < listed);
}
