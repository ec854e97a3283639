import type { IngestEntry } from '@kubidu/contracts';
import { eventually, RunningApi } from '@kubidu/testing';
import type { RunningApiOptions } from '@kubidu/testing';
import { RealBrowser } from '@kubidu/testing/real-browser';
import type { OpenedPage } from '@kubidu/testing/real-browser';

/** As RealBrowser opens it. */
type Page = Awaited<ReturnType<RealBrowser['open']>>;

/** A server and a browser for the tests of one file. Whoever starts it disposes of it. */
export class LogScene implements AsyncDisposable {
  readonly api: RunningApi;
  readonly browser: RealBrowser;
  #written = 0;
  #services = 0;

  /** Takes over both: they end with it. */
  constructor(api: RunningApi, browser: RealBrowser) {
    this.api = api;
    this.browser = browser;
  }

  static async start(options: RunningApiOptions = {}): Promise<LogScene> {
    const [api, browser] = await Promise.all([RunningApi.start(options), RealBrowser.start()]);
    return new LogScene(api, browser);
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

  /** Opens a service's log and waits for its last line. What the page complains about is kept in `complaints`. */
  async open(service: string, address = '', options: OpenedPage = {}): Promise<LogPage> {
    const page = await this.browser.open(options);
    const log = new LogPage(page);
    await page.goto(`${this.api.url}/services/${service}${address}`);
    await page.locator('.log-place').first().waitFor();
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

  /** Turns the wheel over the lines. */
  async wheel(by: number): Promise<void> {
    await this.scroller.hover();
    await this.page.mouse.wheel(0, by);
  }

  async status(words: string | RegExp): Promise<void> {
    await this.page.locator('.log-status', { hasText: words }).waitFor();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.page.context().close();
  }
}
