import type { Gap, GapReason, Outcome, StreamId, StreamInfo } from '@kubidu/contracts';

import { Batch } from '../batch.ts';
import { systemClock } from '../clock.ts';
import type { Clock } from '../clock.ts';
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
} from '../log-store.ts';
import { hasCode, LogsError } from '../logs-error.ts';
import { PAGE_SIZE, pageOf } from '../page.ts';
import type { Passed } from '../passed.ts';
import type { ArchivedRange, ArchiveReadRange, LogArchive, Sifted } from './log-archive.ts';
import { SizedCache } from './sized-cache.ts';

/** How old what is known of the archive may be where nothing depends on it but where a stream begins. */
const RANGE_AGE_MS = 60_000;
/**
 * How long an answer that goes without the archive waits for it: little where it was asked before, and only where the
 * stream begins now is to be told; long for a list, which takes a request for each stream that only the archive has.
 */
const PATIENCE_MS = { long: 5_000, much: 1_000, little: 250 };
type Patience = keyof typeof PATIENCE_MS;
/** How long the archive is not asked such things once it was away. */
const AWAY_MS = 5_000;
const STREAMS = 100_000;
const AT_ONCE = 8;
const NOTHING: ArchivedRange = { firstIndex: 1, lastIndex: 0 };

/**
 * A store together with its archive, as one store: what left the hot one is read from the cold one, by index, so that
 * nobody who reads knows the difference. While the archive is away, whatever the hot store has is served, and what it
 * does not have is UNAVAILABLE, never a gap. Owns neither.
 */
export class ArchivedLogStore implements LogStore {
  readonly #hot: LogStore;
  readonly #archive: LogArchive;
  readonly #clock: Clock;
  /** Where the hot store began when it was asked last: pages before it need not ask it for entries. */
  readonly #begins = new SizedCache<number>(STREAMS, () => 1);
  /** What the archive held when a stream was first appended to by this process: the hot store may have lost its data. */
  readonly #floors = new SizedCache<ArchivedRange>(STREAMS, () => 1);
  /** What the archive held when it was asked last: what is told while it is away. */
  readonly #known = new SizedCache<ArchivedRange>(STREAMS, () => 1);
  readonly #awayUntil: Record<Patience, number> = { long: 0, much: 0, little: 0 };

  constructor(hot: LogStore, archive: LogArchive, clock: Clock = systemClock) {
    this.#hot = hot;
    this.#archive = archive;
    this.#clock = clock;
  }

  async append(stream: StreamId, lines: readonly string[], options: AppendOptions = {}): Promise<Appended> {
    const { lastIndex, final } = await this.#floor(stream);
    if (final) throw new LogsError('CONFLICT', `${stream} has ended`);
    return this.#hot.append(stream, lines, { ...options, floor: Math.max(lastIndex, options.floor ?? 0) });
  }

  async read(stream: StreamId, range: ReadRange): Promise<Page> {
    if (range.limit <= 0) return { ...(await this.head(stream)), batches: [], gaps: [] };
    const begin = this.#begins.get(stream) ?? 1;
    const reachesHot = range.after === undefined ? range.before > begin : range.after + 1 >= begin;
    const page = reachesHot ? await this.#hot.read(stream, range) : await this.#headOnly(stream);
    const whole = await this.#joined(stream, page);
    if (reachesHot && page.gaps.length === 0 && whole.lastIndex === page.lastIndex)
      return { ...whole, batches: page.batches, gaps: [] };
    return range.after === undefined ? this.#backward(stream, range, page) : this.#forward(stream, range, page);
  }

  async head(stream: StreamId): Promise<Head> {
    return this.#joined(stream, await this.#hot.head(stream));
  }

  async end(stream: StreamId, outcome: Outcome): Promise<Head & { ended: Outcome }> {
    const head = await this.#hot.end(stream, outcome);
    return { ...(await this.#joined(stream, head)), ended: head.ended };
  }

  /** Of the hot store; the archive has {@link LogArchive.expire}. */
  trim(stream: StreamId, range: TrimRange): Promise<void> {
    return this.#hot.trim(stream, range);
  }

  watch(stream: StreamId, onWake: (wake: Wake) => void): Promise<Watch> {
    return this.#hot.watch(stream, onWake);
  }

  /** Streams of both, each from where its archive begins. While the archive is away, those that only it has are left out. */
  async list(range: ListRange): Promise<readonly StreamInfo[]> {
    const listed = [...(await this.#hot.list(range))];
    const cut = listed.flatMap(({ firstIndex }, at) => (firstIndex > 1 ? [at] : []));
    for (let at = 0; at < cut.length; at += AT_ONCE)
      await Promise.all(
        cut.slice(at, at + AT_ONCE).map(async (place) => {
          const info = listed[place] as StreamInfo;
          const { firstIndex } = await this.#joined(info.stream, info);
          listed[place] = { ...info, firstIndex };
        }),
      );
    return [...listed, ...(await this.#archivedOnly(range, listed))]
      .sort((a, b) => (a.stream < b.stream ? -1 : 1))
      .slice(0, range.limit);
  }

  /** What belongs onto a page of the hot store's list that the hot store does not have. */
  async #archivedOnly(range: ListRange, listed: readonly StreamInfo[]): Promise<readonly StreamInfo[]> {
    const last = listed.at(-1)?.stream;
    // Whoever asks for one stream by its name has it.
    if (range.limit === 1 && range.kind && last === `${range.kind}:${range.prefix}`) return [];
    const besides = new Set(listed.map(({ stream }) => stream));
    const through = listed.length < range.limit ? undefined : last;
    return (await this.#soon(() => this.#archive.list({ ...range, besides, through }), 'long')) ?? [];
  }

  cursors(stream: StreamId): Promise<ReadonlyMap<string, string>> {
    return this.#hot.cursors(stream);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  async #headOnly(stream: StreamId): Promise<Page> {
    return { ...(await this.#hot.head(stream)), batches: [], gaps: [] };
  }

  /** Walks on from `after`: through the archive up to where the hot store begins, then there. */
  async #forward(stream: StreamId, range: ReadRange & { after: number }, tried: Page): Promise<Page> {
    const found: (Batch | Passed)[] = [];
    const { limit, sieve, signal } = range;
    let next = range.after;
    let head: Head = tried;
    let whole = true;
    for (;;) {
      const room = limit - countOf(found);
      if (room <= 0 || sizeOf(found) >= PAGE_SIZE || !whole) break;
      const begin = beginOf(head);
      if (next + 1 >= begin) {
        const page = await this.#hot.read(stream, { after: next, limit: room });
        head = page;
        // Trimmed since the head was read: it is in the archive.
        if (next + 1 < beginOf(page)) continue;
        found.push(...page.batches);
        break;
      }
      const reaching = begin === Infinity ? 0 : begin - 1;
      const cold = await this.#sift(stream, { after: next, limit: room, reaching, sieve, signal });
      const older = cold.parts.filter(({ first }) => first < begin);
      whole = cold.whole || older.length < cold.parts.length;
      found.push(...older);
      const last = older.at(-1)?.last;
      if (last === undefined && begin === Infinity) break;
      next = last ?? begin - 1;
      head = await this.#hot.head(stream);
    }
    return this.#page(stream, { parts: found, whole }, range, head);
  }

  /** What the hot store has before an index, and before that what the archive has. */
  async #backward(stream: StreamId, range: ReadRange & { before: number }, page: Page): Promise<Page> {
    const { sieve, signal } = range;
    const room = range.limit - countOf(page.batches);
    const before = Math.min(range.before, beginOf(page));
    const reaching = before === Infinity ? 0 : Math.min(before, page.lastIndex + 1) - 1;
    try {
      const { parts, whole } = await this.#sift(stream, { before, limit: room, reaching, sieve, signal });
      return await this.#page(stream, { parts: [...parts, ...page.batches], whole }, range, page);
    } catch (error) {
      if (!hasCode(error, 'UNAVAILABLE') || page.batches.length === 0) throw error;
      // A page may be short; what is missing of it is not gone.
      return { ...page, gaps: [] };
    }
  }

  /** Without a sieve it is a read: what that promises is more. */
  async #sift(stream: StreamId, range: ArchiveReadRange): Promise<Sifted> {
    if (range.sieve) return this.#archive.sift(stream, range);
    return { parts: await this.#archive.read(stream, range), whole: true };
  }

  async #page(stream: StreamId, { parts, whole }: Sifted, range: ReadRange, hot: Head): Promise<Page> {
    const head = await this.#joined(stream, hot);
    const lastIndex = Math.max(hot.lastIndex, parts.at(-1)?.last ?? 0);
    const page = pageOf(parts, { ...head, lastIndex }, range, whole);
    const { firstIndex } = page.gaps.length > 0 ? await this.#listed(stream) : NOTHING;
    return {
      ...page,
      lastIndex: Math.max(head.lastIndex, lastIndex),
      gaps: page.gaps.flatMap((gap) => reasoned(gap, firstIndex, hot)),
    };
  }

  /** The head of both. The archive is asked only where something left the hot store, or nothing is there. */
  async #joined(stream: StreamId, hot: Head): Promise<Head> {
    this.#begins.set(stream, hot.lastIndex === 0 ? 1 : hot.firstIndex);
    const { firstIndex, lastIndex, ended, gone } = hot;
    const own = { firstIndex, lastIndex, ...(ended && { ended }), ...(gone && { gone }) };
    if (firstIndex === 1 && lastIndex > 0) return own;
    const held = await this.#rangeOf(stream, lastIndex === 0 ? 0 : firstIndex - 1, lastIndex > 0);
    if (held.lastIndex === 0) return held.final && !ended ? { ...own, ended: outcomeOf(held.final) } : own;
    const begins = Math.min(beginOf(hot), held.firstIndex);
    const over = ended ?? (held.final && outcomeOf(held.final));
    const reason = begins === held.firstIndex ? reasonBefore(begins, hot) : (gone ?? 'trimmed');
    return {
      firstIndex: begins,
      lastIndex: Math.max(lastIndex, held.lastIndex),
      ...(over && { ended: over }),
      ...(begins > 1 && { gone: reason }),
    };
  }

  /** What the archive holds, as far as it is known soon; where `isHot`, what it held before is nearly as good. */
  async #rangeOf(stream: StreamId, reaching: number, isHot: boolean): Promise<ArchivedRange> {
    const known = this.#known.get(stream);
    return (await this.#asked(stream, known && isHot ? 'little' : 'much', reaching)) ?? known ?? NOTHING;
  }

  /** What the archive held by the listing from which was read just now: older ones know of what has expired since. */
  async #listed(stream: StreamId): Promise<ArchivedRange> {
    try {
      return await this.#archive.range(stream, Infinity);
    } catch (error) {
      if (!hasCode(error, 'UNAVAILABLE')) throw error;
      return this.#known.get(stream) ?? NOTHING;
    }
  }

  async #floor(stream: StreamId): Promise<ArchivedRange> {
    const known = this.#floors.get(stream);
    if (known) return known;
    const held = await this.#asked(stream, 'much');
    if (held && !held.final) this.#floors.set(stream, held);
    return held ?? this.#known.get(stream) ?? NOTHING;
  }

  async #asked(stream: StreamId, patience: Patience, reaching = 0): Promise<ArchivedRange | undefined> {
    const held = await this.#soon(() => this.#archive.range(stream, RANGE_AGE_MS, reaching), patience);
    if (held) this.#known.set(stream, held);
    return held;
  }

  /** What the archive says, or undefined where it does not soon. */
  async #soon<T>(ask: () => Promise<T>, patience: Patience): Promise<T | undefined> {
    if (this.#clock.now() < this.#awayUntil[patience]) return undefined;
    const waiting = new AbortController();
    const late = this.#clock.sleep(PATIENCE_MS[patience], waiting.signal).then(
      () => undefined,
      () => undefined,
    );
    try {
      const held = await Promise.race([ask(), late]);
      if (held === undefined) this.#awayUntil[patience] = this.#clock.now() + AWAY_MS;
      return held;
    } catch (error) {
      if (!hasCode(error, 'UNAVAILABLE')) throw error;
      this.#awayUntil[patience] = this.#clock.now() + AWAY_MS;
      return undefined;
    } finally {
      waiting.abort();
    }
  }
}

/** The first index that the hot store would have; Infinity where it has nothing, and maybe lost it. */
function beginOf({ firstIndex, lastIndex }: Head): number {
  return lastIndex === 0 ? Infinity : firstIndex;
}

/** What is missing before the archive's first entry expired there; behind it, it left the hot store unarchived. */
function reasoned(gap: Gap, archivedFrom: number, hot: Head): Gap[] {
  const { gone = 'trimmed' } = hot;
  const before = reasonBefore(archivedFrom, hot);
  if (gap.from >= archivedFrom) return [{ ...gap, reason: gone }];
  if (gap.to < archivedFrom) return [{ ...gap, reason: before }];
  return [
    { from: gap.from, to: archivedFrom - 1, reason: before },
    { from: archivedFrom, to: gap.to, reason: gone },
  ];
}

/** A hot store that holds all that was archived since it lost the rest knows why that is gone: the archive never had it. */
function reasonBefore(archivedFrom: number, hot: Head): GapReason {
  return archivedFrom < beginOf(hot) ? 'expired' : (hot.gone ?? 'trimmed');
}

function outcomeOf({ status, exitCode }: Outcome): Outcome {
  return { status, ...(exitCode !== undefined && { exitCode }) };
}

function countOf(parts: readonly (Batch | Passed)[]): number {
  return parts.reduce((sum, part) => sum + (part instanceof Batch ? part.count : 0), 0);
}

function sizeOf(parts: readonly (Batch | Passed)[]): number {
  return parts.reduce((sum, part) => sum + (part instanceof Batch ? part.size : 0), 0);
}
