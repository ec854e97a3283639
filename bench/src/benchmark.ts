/** A table's row: column → what stands there. */
export type Row = Readonly<Record<string, string | number>>;

/** A figure that was promised. */
export interface Bar {
  readonly what: string;
  readonly value: string | number;
  readonly bar: string;
  readonly met: boolean;
}

/** What a benchmark found. */
export interface Findings {
  readonly rows: readonly Row[];
  readonly bars?: readonly Bar[];
  /** Paragraphs below the tables. */
  readonly notes?: readonly string[];
}

/** What a `*.bench.ts` exports. */
export interface Benchmark {
  readonly title: string;
  /** What has to be there besides Redis, `cluster` or `docker`; without it the benchmark is left out. Default nothing. */
  readonly needs?: readonly string[];
  readonly run: () => Promise<Findings>;
}
