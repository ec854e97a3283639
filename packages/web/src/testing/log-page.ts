import type { IngestEntry } from '@kubidu/contracts';
import { eventually, RunningApi } from '@kubidu/testing';
import type { RunningApiOptions } from '@kubidu/testing';
import { RealBrowser } from '@kubidu/testing/real-browser';
import type { OpenedPage } from '@kubidu/testing/real-browser';

import type { DevelopmentApp } from './development-app.ts';

/** As RealBrowser opens it. */
type Page = Awaited<ReturnType<RealBrowser['open']>>;

/** A server and a browser for the tests of one file. Whoever starts it disposes of it. */
export class LogScene implements AsyncDisposable {
  readonly api: RunningApi;
  readonly browser: RealBrowser;
  /** The dashboard that is shown instead of the one that the server has; its own owner disposes of it. */
  app: DevelopmentApp | undefined;
  #written = 0;
  #services = 0;

  private constructor(api: RunningApi, browser: RealBrowser) {
    this.api = api;
    this.browser = browser;
  }

  /** `args` are for Chromium. */
  static async start(options: RunningApiOptions = {}, args: readonly string[] = []): Promise<LogScene> {
    const api = await RunningApi.start(options);
    try {
      return new LogScene(api, await RealBrowser.start(args));
    } catch (error) {
      await api[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** A name that no other test has. */
  service(): string {
    this.#services++;
    return `shop-${this.#services}`;
  }

  /** Stores lines of a service, 1,000 at a time. `of` says what the line at a place is, from 0. */
  async write(service: string, count: number, of: (place: number) => Partial<IngestEntry> = () => ({})): Promise<void> {
    for (let from = 0; from < count; from += 1_000) {
      const entries = Array.from({ length: Math.min(1_000, count - from) }, (_, place) => {
        this.#written++;
        const timestamp = new Date(Date.UTC(2026, 10, 20, 12) + (from + place) * 100).toISOString();
        return { id: `e${this.#written}`, timestamp, message: `line ${from + place + 1}`, ...of(from + place) };
      });
      const response = await fetch(`${this.api.url}/api/streams/runtime:${service}/entries`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ entries }),
      });
      if (!response.ok) throw new Error(`lines were refused: ${await response.text()}`);
    }
  }

  /** Opens a service's log and waits for its first rows. What the page complains about is kept in `complaints`. */
  async open(service: string, address = '', options: OpenedPage = {}): Promise<LogPage> {
    const log = await this.visit(`/services/${service}${address}`, options);
    await log.page.locator('.log-place').first().waitFor();
    return log;
  }

  /** Opens a page of the dashboard, whatever it shows; `before` does what must be done before that. */
  async visit(path: string, options: OpenedPage = {}, before?: (log: LogPage) => Promise<void>): Promise<LogPage> {
    return this.show(path, await this.browser.open(options), before);
  }

  /** The same in a page that is there. */
  async show(path: string, page: Page, before?: (log: LogPage) => Promise<void>): Promise<LogPage> {
    const log = new LogPage(page);
    await this.app?.serveTo(page);
    await before?.(log);
    await page.goto(this.api.url + path);
    return log;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.browser[Symbol.asyncDispose]();
    await this.api[Symbol.asyncDispose]();
  }
}

/** One viewer in one page, as a person sees it. */
export class LogPage implements AsyncDisposable {
  readonly page: Page;
  /** Errors of scripts and of the policy. */
  readonly complaints: string[] = [];

  constructor(page: Page) {
    this.page = page;
    page.on('pageerror', (error) => this.complaints.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') this.complaints.push(message.text());
    });
  }

  get scroller() {
    return this.page.locator('.log-scroller');
  }

  get search() {
    return this.page.getByRole('searchbox', { name: 'Search' });
  }

  row(index: number) {
    return this.page.locator(`[data-entry="${index}"]`);
  }

  /** Indexes of the rows in sight, from above. */
  seen(): Promise<number[]> {
    return this.page.evaluate(() => {
      const box = document.querySelector('.log-scroller')?.getBoundingClientRect();
      return [...document.querySelectorAll('[data-entry]')]
        .map((row) => ({ index: Number(row.getAttribute('data-entry')), box: row.getBoundingClientRect() }))
        .filter(({ box: { top, bottom } }) => box !== undefined && bottom > box.top + 1 && top < box.bottom - 1)
        .map(({ index }) => index)
        .sort((a, b) => a - b);
    });
  }

  /** Waits until a row is in sight, and returns how far below the upper edge it stands. */
  async placeOf(index: number): Promise<number> {
    await eventually(async () => (await this.seen()).includes(index));
    return this.page.evaluate((at) => {
      const top = document.querySelector('.log-scroller')?.getBoundingClientRect().top ?? 0;
      return (document.querySelector(`[data-entry="${at}"]`)?.getBoundingClientRect().top ?? 0) - top;
    }, index);
  }

  /** Waits until a row is in sight and stands still, and returns how far below the upper edge that is. */
  async restOf(index: number): Promise<number> {
    await this.placeOf(index);
    await this.rest();
    return this.placeOf(index);
  }

  /** Waits until the rows that are drawn have been read, and stood still for ten frames. */
  async rest(): Promise<void> {
    await this.page.evaluate(
      () =>
        new Promise<void>((resolve) => {
          let [before, still] = ['', 0];
          const look = () => {
            const rows = [...document.querySelectorAll('.log-place')];
            const read = rows.length > 0 && document.querySelector('.log-absent') === null;
            const now = rows.map((row) => `${row.textContent} ${row.getBoundingClientRect().top}`).join();
            still = read && now === before ? still + 1 : 0;
            before = now;
            if (still < 10) requestAnimationFrame(look);
            else resolve();
          };
          look();
        }),
    );
  }

  /** Looks at a row in every frame from now on. What it returns says all the places, below the upper edge, that it had. */
  async watch(index: number): Promise<() => Promise<number[]>> {
    const places = await this.page.evaluateHandle((at) => {
      const had = new Set<number>();
      const look = () => {
        const row = document.querySelector(`[data-entry="${at}"]`);
        const top = document.querySelector('.log-scroller')?.getBoundingClientRect().top;
        had.add(row === null || top === undefined ? Number.NaN : row.getBoundingClientRect().top - top);
        requestAnimationFrame(look);
      };
      look();
      return had;
    }, index);
    return () => places.evaluate((had) => [...had]);
  }

  /**
   * Scrolls from the first line to the last, a little less than a screen at a time, and returns every line that was in
   * sight, as it stands there: once unless it is there twice, and in the order in which they stand.
   */
  async everything(): Promise<ShownLine[]> {
    await this.page.keyboard.press('g');
    await this.restOf(1);
    return this.page.evaluate(readThrough);
  }

  /** Turns the wheel over the lines. */
  async wheel(by: number): Promise<void> {
    await this.scroller.hover();
    await this.page.mouse.wheel(0, by);
  }

  /** What was copied last; the page needs the permission to read it. */
  clipboard(): Promise<string> {
    return this.page.evaluate(() => navigator.clipboard.readText());
  }

  /** Waits until the status bar says so. */
  async status(words: string | RegExp): Promise<void> {
    await this.page.locator('.log-status', { hasText: words }).waitFor();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.page.context().close();
  }
}

/** A line as one reads it on the page. */
export interface ShownLine {
  readonly index: number;
  readonly message: string;
}

/** Runs in the page. */
async function readThrough(): Promise<ShownLine[]> {
  const scroller = document.querySelector('.log-scroller') as Element;
  const rowsInSight = () => {
    const { top, bottom } = scroller.getBoundingClientRect();
    return [...document.querySelectorAll('[data-entry]')]
      .map((row) => ({ row, box: row.getBoundingClientRect() }))
      .filter(({ box }) => box.bottom > top + 1 && box.top < bottom - 1)
      .sort((a, b) => a.box.top - b.box.top);
  };
  /** Whether the screen is full of lines that have been read; else they are being drawn. */
  const isFull = (rows: ReturnType<typeof rowsInSight>) =>
    document.querySelector('.log-absent') === null &&
    (rows.at(-1)?.box.bottom ?? 0) >= scroller.getBoundingClientRect().bottom - 1;
  const read: ShownLine[] = [];
  let last: Element | undefined;
  for (let still = 0; still < 30; still++) {
    await new Promise(requestAnimationFrame);
    const rows = rowsInSight();
    // A line that never comes is for whoever judges what was read.
    if (!isFull(rows) && still < 29) continue;
    const known = rows.findIndex(({ row }) => row === last);
    const fresh = rows.slice(known + 1);
    if (fresh.length > 0) still = 0;
    for (const { row } of fresh)
      read.push({
        index: Number(row.getAttribute('data-entry')),
        message: row.querySelector('.log-text')?.textContent ?? '',
      });
    last = rows.at(-1)?.row ?? last;
    scroller.scrollTop += scroller.clientHeight - 60;
  }
  return read;
}
