import { ClientError } from '@kubidu/client';
import type { LogEntry, LogPage } from '@kubidu/contracts';

import type { EntryCache } from './entry-cache.ts';
import type { GapList } from './gap-list.ts';
import { IndexRanges } from './index-ranges.ts';
import type { IndexRange } from './index-ranges.ts';
import type { LogSource } from './log-source.ts';

/** Entries of one page: two blocks of the cache, so that a page fills what it is for. */
export const PAGE = 512;

/** Pages asked for at a time. */
const AT_ONCE = 3;

/** How often the same indexes are asked for before the server's silence about them is taken for a hole. */
const TRIES = 3;

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10_000;

export interface PageLoaderOptions {
  readonly source: LogSource;
  readonly cache: EntryCache;
  readonly gaps: GapList;
  /** Takes what came. */
  readonly onEntries: (entries: readonly LogEntry[]) => void;
  /** Something other than entries changed: a hole, a failure. */
  readonly onChange: () => void;
}

/**
 * Reads the indexes that are wanted and not at hand, page by page. Only the last wish counts: who scrolls past does not
 * wait for what lies behind. What fails is tried again, for ever, as long as it is wanted and may succeed.
 */
export class PageLoader {
  readonly #options: PageLoaderOptions;
  readonly #stop = new AbortController();
  readonly #underWay = new Set<IndexRange>();
  readonly #tries = new Map<number, number>();
  #wanted: readonly IndexRange[] = [];
  /** What was read for the present wish: where the cache has no room for all of it, it is not read in circles. */
  #read = new IndexRanges();
  #failures = 0;
  #trouble: ClientError | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: PageLoaderOptions) {
    this.#options = options;
  }

  /** Why the last page did not come; undefined once one did. */
  get trouble(): ClientError | undefined {
    return this.#trouble;
  }

  get loading(): boolean {
    return this.#underWay.size > 0;
  }

  /** Asks for what is absent of these, the first first. Replaces what was wanted before. */
  want(ranges: readonly IndexRange[]): void {
    if (!isSame(ranges, this.#wanted)) this.#read = new IndexRanges();
    this.#wanted = ranges;
    if (this.#timer === undefined) this.#pump();
  }

  /** Tries at once what failed. */
  retry(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#pump();
  }

  /** Ends what is under way. Nothing is told afterwards. */
  close(): void {
    clearTimeout(this.#timer);
    this.#stop.abort();
  }

  #pump(): void {
    while (!this.#stop.signal.aborted && this.#underWay.size < AT_ONCE) {
      const next = this.#next();
      if (next === undefined) return;
      this.#underWay.add(next);
      this.#fetch(next)
        .catch((error: unknown) => this.#onFailure(error))
        .finally(() => {
          this.#underWay.delete(next);
          if (this.#timer === undefined) this.#pump();
        });
    }
  }

  #next(): IndexRange | undefined {
    const claimed = new IndexRanges();
    for (const { from, to } of this.#underWay) claimed.add(from, to);
    for (const range of this.#wanted) {
      for (const { from, to } of this.#absent(range)) {
        const [free] = claimed.missing(from, to);
        if (free !== undefined) return { from: free.from, to: Math.min(free.to, free.from + PAGE - 1) };
      }
    }
    return undefined;
  }

  /** What is neither at hand, nor known to be gone, nor was read for this wish. */
  #absent(range: IndexRange): IndexRange[] {
    const gone = new IndexRanges();
    for (const { from, to } of this.#options.gaps.holes) gone.add(from, to);
    for (const { from, to } of this.#read.all) gone.add(from, to);
    return this.#options.cache.absent(range).flatMap(({ from, to }) => gone.missing(from, to));
  }

  async #fetch(range: IndexRange): Promise<void> {
    const { source, onEntries } = this.#options;
    const page = await source.page({ after: range.from - 1, limit: range.to - range.from + 1 }, this.#stop.signal);
    if (this.#stop.signal.aborted) return;
    this.#failures = 0;
    this.#trouble = undefined;
    onEntries(page.entries);
    const last = page.entries.at(-1)?.index ?? 0;
    this.#read.add(range.from, Math.min(last, range.to));
    this.#takeGaps(range, page);
  }

  #takeGaps(range: IndexRange, { gaps, firstIndex }: LogPage): void {
    for (const { from, to, reason } of gaps) {
      for (const absent of this.#options.cache.absent({ from, to })) this.#options.gaps.add({ ...absent, reason });
    }
    const absent = this.#absent(range);
    if (absent[0]?.from !== range.from) this.#tries.delete(range.from);
    else if (this.#exhausted(range.from)) {
      for (const { from, to } of absent)
        this.#options.gaps.add({ from, to, reason: to < firstIndex ? 'trimmed' : 'unexplained' });
    }
    this.#options.onChange();
  }

  /** Counts a try that brought nothing of what was asked for first. */
  #exhausted(from: number): boolean {
    const tries = (this.#tries.get(from) ?? 0) + 1;
    if (tries >= TRIES) return this.#tries.delete(from) || true;
    this.#tries.set(from, tries);
    return false;
  }

  #onFailure(error: unknown): void {
    if (this.#stop.signal.aborted) return;
    this.#trouble = error instanceof ClientError ? error : new ClientError('NOT_KUBIDU', String(error));
    this.#failures++;
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (this.#failures - 1));
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.retry(), Math.max(wait, this.#trouble.retryAfterMs ?? 0));
    this.#options.onChange();
  }
}

function isSame(some: readonly IndexRange[], others: readonly IndexRange[]): boolean {
  if (some.length !== others.length) return false;
  return some.every(({ from, to }, place) => from === others[place]?.from && to === others[place].to);
}
