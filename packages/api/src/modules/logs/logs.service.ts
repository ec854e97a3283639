import { Inject, Injectable } from '@nestjs/common';
import { LIMITS, idOf, kindOf } from '@kubidu/contracts';
import type {
  Ended,
  EndStream,
  HistoryPage,
  Ingest,
  Ingested,
  ListStreams,
  LogPage,
  ReadLogs,
  StreamId,
  StreamInfo,
  StreamPage,
} from '@kubidu/contracts';
import { parseStreamId } from '@kubidu/contracts';
import { LogsError, Masker, QueryFilter, encodeEntry, maskEntries, recogniseLevel } from '@kubidu/core';
import type { Deployments, Head, LogStore } from '@kubidu/core';

import { invalid, parseQuery, parseTime } from '../../http/parse.ts';
import { Access, noSuchStream } from '../auth/access.ts';
import type { ApiPrincipal } from '../auth/api-principal.ts';
import { Collector } from '../collect/collector.ts';
import { Sources } from '../collect/sources.ts';
import { Metrics } from '../ops/metrics.ts';
import { DEPLOYMENTS, LOG_STORE } from '../store/store.module.ts';
import { cpuUs } from './delivery/cpu-us.ts';
import { logPage, matchingPage } from './log-page.ts';

/** Streams looked at for one page of a list: whoever may read few of many asks again with the cursor. */
const MOST_LISTED = 20_000;

/** Which entries a page of history holds. */
export interface HistoryRange {
  readonly after?: number | undefined;
  readonly before?: number | undefined;
  readonly limit: number;
}

/** What a reader may ask for of a stream. */
type AskedFilter = Pick<ReadLogs, 'query' | 'since' | 'until'>;

/** What one can do with streams. Nothing here knows where they are kept or how one asked. */
@Injectable()
export class LogsService {
  constructor(
    @Inject(LOG_STORE) private readonly store: LogStore,
    @Inject(DEPLOYMENTS) private readonly deployments: Deployments,
    private readonly access: Access,
    private readonly sources: Sources,
    private readonly collector: Collector,
    private readonly metrics: Metrics,
    private readonly masker: Masker,
  ) {}

  /** Stores entries, masked, each id once. @throws {LogsError} CONFLICT once the stream has ended */
  async ingest(principal: ApiPrincipal, stream: StreamId, { entries }: Ingest): Promise<Ingested> {
    await this.access.mustWrite(principal, stream);
    if (entries.length === 0)
      return { accepted: 0, duplicates: 0, lastIndex: (await this.store.head(stream)).lastIndex };
    const lines = maskEntries(this.masker, entries).map((entry) => {
      const level = entry.level ?? recogniseLevel(entry.message);
      return encodeEntry({ ...entry, ...(level !== undefined && { level }) });
    });
    const started = performance.now();
    const { last, stored } = await this.store.append(stream, lines, { ids: entries.map(({ id }) => id) });
    const bytes = lines.reduce((sum, line) => sum + line.length, 0);
    this.metrics.appended(kindOf(stream), stored, bytes, performance.now() - started);
    return { accepted: stored, duplicates: entries.length - stored, lastIndex: last };
  }

  /** Ends a stream; again with the same outcome is harmless. @throws {LogsError} CONFLICT with another one */
  async end(principal: ApiPrincipal, stream: StreamId, outcome: EndStream): Promise<Ended> {
    await this.access.mustWrite(principal, stream);
    if (kindOf(stream) === 'runtime')
      throw invalid([{ field: 'stream', message: 'is a runtime stream, which never ends' }]);
    const { ended, lastIndex } = await this.store.end(stream, outcome);
    if (ended.status !== outcome.status || ended.exitCode !== outcome.exitCode)
      throw new LogsError('CONFLICT', `${stream} has ended with ${ended.status}`);
    return { stream, lastIndex, ...ended };
  }

  /**
   * A page, ascending: after or before an index; with neither, from the beginning. With a query or a range of time it
   * holds what matches, and `next` and `previous` say where to go on looking, also where it holds nothing.
   */
  async read(
    principal: ApiPrincipal,
    stream: StreamId,
    { after, before, limit, ...asked }: ReadLogs,
  ): Promise<LogPage> {
    await this.access.mustRead(principal, stream);
    const filter = this.#filterOf(asked);
    // Collected on demand, somebody who asks for pages again and again is a reader too.
    await using _reader = this.collector.want(stream);
    const range = before === undefined ? { after: after ?? 0, limit } : { before, limit };
    const page = filter
      ? await matchingPage(this.store, stream, range, filter)
      : logPage(await this.store.read(stream, range), range);
    if (page.lastIndex === 0 && !page.ended && !(await this.#known(stream))) throw noSuchStream(stream);
    const { ended: _, ...answer } = page;
    return answer;
  }

  /**
   * What a reader of a stream asks for, where it may read it; with neither query nor time it is everything.
   * @throws {LogsError} NOT_FOUND, INVALID_ARGUMENT
   */
  async filter(principal: ApiPrincipal, stream: StreamId, asked: AskedFilter): Promise<QueryFilter> {
    await this.access.mustRead(principal, stream);
    return this.#filterOf(asked) ?? new QueryFilter(undefined);
  }

  /** The head of a stream that is known. @throws {LogsError} NOT_FOUND */
  async mustExist(stream: StreamId): Promise<Head> {
    const head = await this.store.head(stream);
    if (head.lastIndex === 0 && !head.ended && !(await this.#known(stream))) throw noSuchStream(stream);
    return head;
  }

  /** A page for somebody who may read the stream: after or before an index; with neither, the newest. */
  async history(stream: StreamId, { after, before, limit }: HistoryRange): Promise<HistoryPage> {
    const range = after === undefined ? { before: before ?? Number.MAX_SAFE_INTEGER, limit } : { after, limit };
    const { batches, gaps, firstIndex, lastIndex } = await this.store.read(stream, range);
    return { entries: batches.flatMap((batch) => batch.entries()), firstIndex, lastIndex, gaps: [...gaps] };
  }

  /** One stream as it is listed. @throws {LogsError} NOT_FOUND */
  async stream(principal: ApiPrincipal, stream: StreamId): Promise<StreamInfo> {
    await this.access.mustRead(principal, stream);
    const id = idOf(stream);
    // The shortest id with a prefix comes first: where the stream exists, it is the first that begins with its id.
    const [found] = await this.store.list({ kind: kindOf(stream), prefix: id, limit: 1 });
    if (found?.stream !== stream) throw noSuchStream(stream);
    return found;
  }

  /** Streams one may read, in the order of their names. */
  async streams(principal: ApiPrincipal, { kind, prefix, limit, cursor }: ListStreams): Promise<StreamPage> {
    this.access.mustBeReader(principal);
    let after = cursor === undefined ? undefined : parseCursor(cursor);
    const streams: StreamInfo[] = [];
    // Few at first, since most readers may read what there is; what only the archive has costs a request each.
    for (
      let seen = 0, size = Math.min(limit + 1, LIMITS.streamsPage);
      seen < MOST_LISTED;
      size = Math.min(size * 2, LIMITS.streamsPage)
    ) {
      const page = await this.store.list({
        limit: size,
        ...(kind && { kind }),
        ...(prefix !== undefined && { prefix }),
        ...(after && { after }),
      });
      // Asked all at once: whose a service is may be asked of the store.
      const readable = await Promise.all(page.map(({ stream }) => this.access.may(principal, 'read', stream)));
      for (const info of page.filter((_, at) => readable[at])) {
        if (streams.length === limit) return { streams, next: streams.at(-1)?.stream ?? '' };
        streams.push(info);
      }
      seen += page.length;
      after = page.at(-1)?.stream;
      if (page.length < size || after === undefined) return { streams };
    }
    return { streams, ...(after && { next: after }) };
  }

  /** Whether the stream has or had something, or a source would write it. */
  async exists(stream: StreamId): Promise<boolean> {
    if (await this.#known(stream)) return true;
    const { lastIndex, ended } = await this.store.head(stream);
    return lastIndex > 0 || ended !== undefined;
  }

  /** What a reader wants; undefined where it is everything. @throws {LogsError} INVALID_ARGUMENT */
  #filterOf(asked: AskedFilter): QueryFilter | undefined {
    const query = parseQuery(asked.query);
    const time = parseTime(asked, Date.now());
    if (!query && !time) return undefined;
    return new QueryFilter(query, { time, onScan: (lines) => this.metrics.scanned(lines), cpuUs });
  }

  /** Whether something is about to write it: a service that a source knows, or a build. */
  async #known(stream: StreamId): Promise<boolean> {
    if (kindOf(stream) === 'runtime') return this.sources.service(idOf(stream)) !== undefined;
    return kindOf(stream) === 'build' && (await this.deployments.get(idOf(stream))) !== undefined;
  }
}

function parseCursor(cursor: string): StreamId {
  const stream = parseStreamId(cursor);
  if (!stream) throw invalid([{ field: 'cursor', message: 'must be what `next` said' }]);
  return stream;
}
