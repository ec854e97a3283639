/** The numbers outsiders meet. Bytes are bytes of UTF-8, durations milliseconds. */
export const LIMITS = {
  /** Longest message kept; what is longer is cut and says so in `truncated`. */
  messageBytes: 256 * 1024,
  /** Most entries in the first `logs:history` of a subscription, and in one `logs`. */
  historyEntries: 1_000,
  /** Most of the newest entries that `lines` may ask for. */
  lines: 10_000,
  /** What `lines` is when it is not given. */
  linesDefault: 100,
  /** Most entries of one page, by socket or HTTP. */
  pageEntries: 10_000,
  /** What a page's `limit` is when it is not given. */
  pageEntriesDefault: 1_000,
  /** Most entries of one ingest request. */
  ingestEntries: 1_000,
  /** Largest body of one ingest request. */
  ingestBytes: 1024 * 1024,
  /** Entries that are looked at for one page with a `query`; the next page goes on behind them. */
  scanEntries: 100_000,
  /** Entries that are looked at for the newest `lines` of a subscription with a `query`. */
  scanNewestEntries: 1_000_000,
  /** Most matches of one search. */
  searchMatches: 10_000,
  /** What a search's `limit` is when it is not given. */
  searchMatchesDefault: 1_000,
  /** How long one search may run; the next one goes on where it stopped. */
  searchMs: 60_000,
  /** Searches that one principal may run on one server at a time; one more is RATE_LIMITED. */
  searchesPerPrincipal: 4,
  /** Most buckets of one histogram. */
  histogramBuckets: 1_000,
  /** What a histogram's `buckets` is when it is not given. */
  histogramBucketsDefault: 120,
  /** Entries that are looked at for one histogram; of archived ones their indexes are enough. The next one goes on before them. */
  histogramEntries: 200_000,
  /** How long one histogram is counted; the next one goes on where it stopped. */
  histogramMs: 1_000,
  /** Histograms of one principal that one server counts at a time; one more is RATE_LIMITED. */
  histogramsPerPrincipal: 8,
  /** Different queries on one stream that one server answers at a time; one more is RATE_LIMITED. */
  queriesPerStream: 100,
  /** Most streams of one page of `GET /api/streams`. */
  streamsPage: 1_000,
  /** What that page's `limit` is when it is not given. */
  streamsPageDefault: 100,
  /** Most subscriptions one socket may hold; one more is RATE_LIMITED. */
  subscriptionsPerSocket: 1_000,
  /** Downloads of one principal that one server writes at a time; one more is RATE_LIMITED. */
  downloadsPerPrincipal: 16,
  /** Largest build argument, build secret or label. */
  buildValueBytes: 64 * 1024,
  /** Most deployments of one page of `GET /api/deployments`. */
  deploymentsPage: 1_000,
  /** What that page's `limit` is when it is not given. */
  deploymentsPageDefault: 50,
  /** Longest query, in UTF-16 units. */
  queryLength: 4_096,
  /** Most words, phrases, patterns and fields of a query. */
  queryTerms: 256,
  /** How deep a query's parentheses may be nested. */
  queryDepth: 32,
  /** How large the patterns of a query may be together, in instructions of RE2: the most steps for a character. */
  queryPatternSize: 500,
  /** Requests a second that one principal may go on sending, reads and those that store lines each; a server may set others. */
  requestsPerSecond: 500,
  /** How many seconds' worth of requests may come at once. */
  requestBurstSeconds: 20,
  /** Largest Socket.IO message a client may send: ours fit into a few hundred bytes. */
  socketMessageBytes: 2 * 1024 * 1024,
} as const;
