import { kindOf, idOf } from '@kubidu/contracts';
import type { GapReason, Outcome, StreamId, StreamInfo } from '@kubidu/contracts';

import { Batch } from './batch.ts';
import { systemClock } from './clock.ts';
import type { Clock } from './clock.ts';
import { LOST_ROOM } from './log-store.ts';
import type {
  Appended,
  AppendOptions,
  Head,
  ListRange,
  LogStore,
  Page,
  ReadRange,
  TrimRange,
  Wake,
  Watch,
} from './log-store.ts';
import { LogsError } from './logs-error.ts';
import { pageOf } from './page.ts';

interface Stored {
  firstIndex: number;
  batches: Batch[];
  storedAt: number[];
  gone?: GapReason;
  lastIndex: number;
  ended?: Outcome;
  endedAt?: number;
  fence: number;
  createdAt: number;
  lastAt: number;
  cursors: Map<string, { cursor: string; writer: string; sequence: number }>;
  ids: Set<string>;
  watchers: Set<(wake: Wake) => void>;
}

/** A store in memory: the port's shortest reading, for tests. Nothing bounds it and nothing of it survives the process. */
export class MemoryLogStore implements LogStore {
  readonly #streams = new Map<StreamId, Stored>();
  readonly #clock: Clock;

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  async append(stream: StreamId, lines: readonly string[], options: AppendOptions = {}): Promise<Appended> {
    const stored = this.#open(stream);
    if (stored.ended) throw new LogsError('CONFLICT', `${stream} has ended`);
    if (options.fence !== undefined && options.fence < stored.fence)
      throw new LogsError('CONFLICT', `a newer writer follows ${stream}`);
    stored.fence = Math.max(stored.fence, options.fence ?? 0);
    raise(stored, options.floor ?? 0);
    const { position } = options;
    if (position) {
      const before = stored.cursors.get(position.source);
      if (before?.writer === position.writer && before.sequence >= position.sequence)
        return { first: stored.lastIndex + 1, last: stored.lastIndex, stored: 0 };
      stored.cursors.set(position.source, position);
    }
    const fresh = options.ids ? withoutSeen(lines, options.ids, stored.ids) : lines;
    const first = stored.lastIndex + 1;
    if (fresh.length > 0) {
      if (first === 1) stored.createdAt = this.#clock.now();
      const batch = new Batch(first, [...fresh]);
      stored.batches.push(batch);
      stored.storedAt.push(this.#clock.now());
      stored.lastIndex = batch.last;
      stored.lastAt = this.#clock.now();
      for (const wake of stored.watchers) wake({ batch });
    }
    return { first, last: stored.lastIndex, stored: fresh.length };
  }

  async read(stream: StreamId, range: ReadRange): Promise<Page> {
    const stored = this.#streams.get(stream);
    return pageOf(stored?.batches ?? [], headOf(stored), range);
  }

  async head(stream: StreamId): Promise<Head> {
    return headOf(this.#streams.get(stream));
  }

  async end(stream: StreamId, outcome: Outcome): Promise<Head & { ended: Outcome }> {
    const stored = this.#open(stream);
    if (!stored.ended) {
      stored.ended = outcome;
      stored.endedAt = stored.lastAt = this.#clock.now();
      for (const wake of stored.watchers) wake({ ended: outcome });
    }
    return { ...headOf(stored), ended: stored.ended };
  }

  async trim(stream: StreamId, { through = 0, storedBefore = 0, sources = [] }: TrimRange): Promise<void> {
    const stored = this.#streams.get(stream);
    if (!stored) return;
    for (const source of sources) stored.cursors.delete(source);
    if (stored.endedAt !== undefined && stored.endedAt < storedBefore) {
      this.#streams.delete(stream);
      return;
    }
    const kept = stored.batches.findIndex(
      (batch, at) => batch.last > through && (stored.storedAt[at] ?? 0) >= storedBefore,
    );
    const removed = kept < 0 ? stored.batches.length : kept;
    if (removed === 0) return;
    stored.batches.splice(0, removed);
    stored.storedAt.splice(0, removed);
    stored.firstIndex = stored.batches[0]?.first ?? stored.lastIndex + 1;
    stored.gone = storedBefore > 0 ? 'expired' : 'trimmed';
  }

  async watch(stream: StreamId, onWake: (wake: Wake) => void): Promise<Watch> {
    const { watchers } = this.#open(stream);
    const own = (wake: Wake) => onWake(wake);
    watchers.add(own);
    return {
      [Symbol.asyncDispose]: () => {
        watchers.delete(own);
        return Promise.resolve();
      },
    };
  }

  async list({ kind, prefix = '', after = '' as StreamId, limit }: ListRange): Promise<readonly StreamInfo[]> {
    return [...this.#streams]
      .filter(([, stored]) => stored.lastIndex > 0 || stored.ended !== undefined)
      .filter(([name]) => (!kind || kindOf(name) === kind) && idOf(name).startsWith(prefix) && name > after)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .slice(0, limit)
      .map(([stream, stored]) => infoOf(stream, stored));
  }

  async cursors(stream: StreamId): Promise<ReadonlyMap<string, string>> {
    const cursors = this.#streams.get(stream)?.cursors ?? new Map<string, { cursor: string }>();
    return new Map([...cursors].map(([source, { cursor }]) => [source, cursor]));
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#streams.clear();
    return Promise.resolve();
  }

  #open(stream: StreamId): Stored {
    let stored = this.#streams.get(stream);
    if (!stored) {
      const now = this.#clock.now();
      stored = {
        firstIndex: 1,
        batches: [],
        storedAt: [],
        lastIndex: 0,
        fence: 0,
        createdAt: now,
        lastAt: now,
        cursors: new Map(),
        ids: new Set(),
        watchers: new Set(),
      };
      this.#streams.set(stream, stored);
    }
    return stored;
  }
}

/** Goes on beyond what was lost. */
function raise(stored: Stored, floor: number): void {
  if (stored.lastIndex >= floor) return;
  stored.lastIndex = floor + LOST_ROOM;
  if (stored.batches.length > 0) return;
  stored.firstIndex = stored.lastIndex + 1;
  stored.gone = 'trimmed';
}

function headOf(stored: Stored | undefined): Head {
  if (!stored) return { firstIndex: 1, lastIndex: 0 };
  const { firstIndex, lastIndex, ended, gone } = stored;
  return { firstIndex, lastIndex, ...(ended && { ended }), ...(gone && { gone }) };
}

function infoOf(stream: StreamId, stored: Stored): StreamInfo {
  const { firstIndex, lastIndex, ended } = stored;
  return {
    stream,
    firstIndex,
    lastIndex,
    bytes: stored.batches.reduce((sum, batch) => sum + Buffer.byteLength(batch.lines.join('\n')), 0),
    createdAt: new Date(stored.createdAt).toISOString(),
    lastAt: new Date(stored.lastAt).toISOString(),
    ...(ended && { ended }),
  };
}

function withoutSeen(lines: readonly string[], ids: readonly string[], seen: Set<string>): readonly string[] {
  return lines.filter((_, at) => {
    const id = ids[at];
    if (id === undefined || seen.has(id)) return false;
    seen.add(id);
    return true;
  });
}
