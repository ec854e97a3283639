import { ClientError } from '@kubidu/client';
import type { HistogramOptions, SubscriptionItem } from '@kubidu/client';
import type { LogEntry, LogHistogram, LogPage, SearchLine } from '@kubidu/contracts';
import { compile } from '@kubidu/query/lazy';

import type { LogSource, MomentRequest, PageRequest } from '../components/logs/model/log-source.ts';

/** A stream that a test writes, trims and cuts off as it likes; it answers as the server does. */
export class ScriptedLogSource implements LogSource {
  firstIndex = 1;
  readonly entries: LogEntry[] = [];
  /** Pages that fail before one succeeds. */
  failures = 0;
  /** Pages that were answered. */
  pages = 0;
  /** Histograms that were asked for. */
  histograms: HistogramOptions[] = [];
  /** Most entries that are counted for one. */
  countedAtOnce = Infinity;
  #wake: (() => void)[] = [];
  #cut = 0;

  get lastIndex(): number {
    return this.entries.length;
  }

  append(...messages: Partial<LogEntry>[]): void {
    for (const fields of messages) {
      const index = this.entries.length + 1;
      const timestamp = new Date(1_700_000_000_000 + index * 1_000).toISOString();
      this.entries.push({ index, timestamp, message: `line ${index}`, ...fields });
    }
    this.#tell();
  }

  /** Forgets everything before an index. */
  trim(firstIndex: number): void {
    this.firstIndex = Math.max(this.firstIndex, firstIndex);
  }

  /** Cuts every subscription off once; each comes back by itself. */
  cut(): void {
    this.#cut++;
    this.#tell();
  }

  async *subscribe(
    start: { readonly sinceIndex: number } | { readonly lines: number },
    signal: AbortSignal,
  ): AsyncGenerator<SubscriptionItem> {
    signal.addEventListener('abort', () => this.#tell(), { once: true });
    let last = 'lines' in start ? Math.max(this.firstIndex - 1, this.lastIndex - start.lines) : start.sinceIndex;
    let cuts = this.#cut;
    yield { type: 'connected', firstIndex: this.firstIndex, lastIndex: this.lastIndex, resumed: false };
    while (!signal.aborted) {
      if (cuts !== this.#cut) {
        cuts = this.#cut;
        yield { type: 'reconnecting', attempt: 1, error: new ClientError('UNREACHABLE', 'cut off') };
        yield { type: 'connected', firstIndex: this.firstIndex, lastIndex: this.lastIndex, resumed: true };
      }
      if (last + 1 < this.firstIndex) {
        yield { type: 'gap', from: last + 1, to: this.firstIndex - 1, reason: 'trimmed' };
        last = this.firstIndex - 1;
      }
      const entries = this.entries.slice(last, last + 700);
      if (entries.length === 0) await new Promise<void>((resolve) => this.#wake.push(resolve));
      else {
        last += entries.length;
        yield { type: 'entries', entries: entries.map((entry) => ({ ...entry })) };
      }
    }
  }

  async page({ after, before, limit, query = '' }: PageRequest): Promise<LogPage> {
    if (this.failures > 0) {
      this.failures--;
      throw new ClientError('UNAVAILABLE', 'the store is away');
    }
    this.pages++;
    const { firstIndex, lastIndex } = this;
    const { matches } = { matches: (entry: LogEntry) => compile(query).matches(entry) };
    const held = this.entries.slice(firstIndex - 1);
    if (before !== undefined) {
      const found = held.filter((entry) => entry.index < before && matches(entry)).slice(-limit);
      const previous = found.length === limit ? found[0]?.index : undefined;
      return this.#answer(found, { from: previous ?? 1, to: before - 1 }, previous === undefined ? {} : { previous });
    }
    const from = after ?? 0;
    const found = held.filter((entry) => entry.index > from && matches(entry)).slice(0, limit);
    const next = found.length === limit && found.at(-1)?.index !== lastIndex ? found.at(-1)?.index : undefined;
    return this.#answer(found, { from: from + 1, to: next ?? lastIndex }, next === undefined ? {} : { next });
  }

  download(): Promise<ReadableStream<Uint8Array>> {
    return Promise.reject(new ClientError('NOT_FOUND', 'a scripted log is no file'));
  }

  async indexAt({ timeMs, query = '' }: MomentRequest): Promise<number | undefined> {
    const compiled = compile(query);
    const held = this.entries.slice(this.firstIndex - 1);
    return held.find((entry) => Date.parse(entry.timestamp) >= timeMs && compiled.matches(entry))?.index;
  }

  async *search(query: string, before: number): AsyncGenerator<SearchLine> {
    const compiled = compile(query);
    let matches = 0;
    for (let index = before - 1; index >= this.firstIndex; index--) {
      const entry = this.entries[index - 1] as LogEntry;
      if (compiled.matches(entry)) {
        matches++;
        yield { type: 'match', entry: { ...entry } };
      }
      if (index % 1_000 === 0) yield { type: 'progress', scannedTo: index, scannedBytes: 0, matches };
    }
    yield { type: 'progress', scannedTo: 1, scannedBytes: 0, matches };
    yield { type: 'done', reason: 'beginning' };
  }

  /** In buckets of a minute, whatever is asked for. */
  async histogram(options: HistogramOptions): Promise<LogHistogram> {
    this.histograms.push(options);
    const { before = this.lastIndex + 1 } = options;
    const scannedTo = Math.max(this.firstIndex, before - this.countedAtOnce);
    const buckets = new Map<number, { lines: number; levels: LogHistogram['buckets'][number]['levels'] }>();
    for (const { timestamp, level } of this.entries.slice(scannedTo - 1, before - 1)) {
      const place = Math.floor(Date.parse(timestamp) / 64_000);
      const { lines, levels } = buckets.get(place) ?? { lines: 0, levels: {} };
      buckets.set(place, {
        lines: lines + 1,
        levels: level === undefined ? levels : { ...levels, [level]: (levels[level] ?? 0) + 1 },
      });
    }
    const complete = scannedTo === this.firstIndex;
    return {
      bucketSeconds: 64,
      buckets: [...buckets].map(([place, counted]) => ({ from: new Date(place * 64_000).toISOString(), ...counted })),
      ...{ scannedTo: complete ? 1 : scannedTo, lastIndex: before - 1, complete, exact: true },
    };
  }

  #answer(entries: LogEntry[], asked: { from: number; to: number }, more: object): LogPage {
    const to = Math.min(asked.to, this.firstIndex - 1);
    const gaps = asked.from <= to ? [{ from: asked.from, to, reason: 'trimmed' as const }] : [];
    const { firstIndex, lastIndex } = this;
    return { entries: entries.map((entry) => ({ ...entry })), firstIndex, lastIndex, gaps, ...more };
  }

  #tell(): void {
    const wake = this.#wake;
    this.#wake = [];
    for (const one of wake) one();
  }
}
