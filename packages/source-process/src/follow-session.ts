import type { Source } from '@kubidu/contracts';
import type { Sink, SourceLabels, SourceWriter } from '@kubidu/core';

/** One life of a pod, as a sink knows it. */
export interface Origin {
  /** Its name among the stream's sources. */
  readonly source: string;
  readonly labels: SourceLabels;
}

/** One follow of a service: its sink and the writers opened there. */
export class FollowSession {
  /** Resolves with `end`, rejects with `fail`, whichever comes first. */
  readonly ended: Promise<void>;
  readonly #sink: Sink;
  readonly #writers = new Map<string, { readonly origin: Origin; readonly writer: SourceWriter }>();
  readonly #waits = new Set<() => void>();
  #resolve: () => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;

  constructor(sink: Sink) {
    this.#sink = sink;
    this.ended = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Where that life stopped when a follow of it last ended. */
  cursor({ source }: Origin): string | undefined {
    return this.#sink.cursor(source);
  }

  writer(origin: Origin): SourceWriter {
    const opened = this.#writers.get(origin.source);
    if (opened) return opened.writer;
    const writer = this.#sink.open(origin.source, origin.labels);
    this.#writers.set(origin.source, { origin, writer });
    return writer;
  }

  sources(sources: readonly Source[]): void {
    this.#sink.sources(sources);
  }

  /** Resolves when the writer is ready or the session ended, whichever comes first. @throws what the writer threw */
  ready(writer: SourceWriter): Promise<void> {
    // Not a race with `ended`: a promise keeps every reaction until it settles, and this is called for each batch.
    return new Promise((resolve, reject) => {
      this.#waits.add(resolve);
      writer
        .ready()
        .finally(() => this.#waits.delete(resolve))
        .then(resolve, reject);
    });
  }

  end(): void {
    this.#resolve();
    for (const resolve of this.#waits) resolve();
  }

  fail(error: unknown): void {
    this.#reject(error);
    for (const resolve of this.#waits) resolve();
  }

  /** Resolves when all that came from there is stored. @throws what the writer threw */
  async flush({ source }: Origin): Promise<void> {
    await this.#writers.get(source)?.writer.flush();
  }

  /** That life is over and all of it is stored. */
  finished({ source }: Origin): void {
    this.#writers.delete(source);
  }

  /** Sources that have a cursor, of whatever kind. */
  known(): readonly string[] {
    return this.#sink.known();
  }

  /** Nobody will ask again where those lives stopped. */
  forget(sources: readonly string[]): void {
    if (sources.length > 0) this.#sink.forget(sources);
  }

  /** Those whose last lines are not known to be stored after `ms`. */
  async unstored(ms: number): Promise<Origin[]> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(() => resolve(false), ms);
    });
    const origins = [...this.#writers.values()].map(({ origin }) => origin);
    const stored = await Promise.all(
      origins.map((origin) => {
        const flushed = this.flush(origin).then(
          () => true,
          () => false,
        );
        return Promise.race([flushed, late]);
      }),
    );
    clearTimeout(timer);
    return origins.filter((_, at) => !stored[at]);
  }
}
