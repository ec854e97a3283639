import { chromium } from 'playwright-core';
import type { Browser, CDPSession, Page } from 'playwright-core';

import { freePort } from './free-port.ts';
import { launchChromium } from './real-browser.ts';
import type { OpenedPage } from './real-browser.ts';

/**
 * A page that can sleep as it does under the closed lid of a laptop: no script of it runs. It has a browser of its own,
 * since Playwright has every other page count as looked at, and Chromium freezes none that is. Whoever opens it disposes
 * of it.
 */
export class SleepingPage implements AsyncDisposable {
  readonly page: Page;
  readonly #browsers: readonly Browser[];
  readonly #devtools: CDPSession;

  private constructor(page: Page, browsers: readonly Browser[], devtools: CDPSession) {
    this.page = page;
    this.#browsers = browsers;
    this.#devtools = devtools;
  }

  static async open({ width = 1_440, height = 900 }: Pick<OpenedPage, 'width' | 'height'> = {}): Promise<SleepingPage> {
    const port = await freePort();
    const launched = await launchChromium([`--remote-debugging-port=${port}`]);
    const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`, { noDefaults: true });
    const [context] = browser.contexts();
    if (context === undefined) throw new Error('the browser has no context');
    context.setDefaultTimeout(10_000);
    const page = await context.newPage();
    await page.setViewportSize({ width, height });
    return new SleepingPage(page, [browser, launched], await context.newCDPSession(page));
  }

  /** Closes the lid. */
  async sleep(): Promise<void> {
    await this.#devtools.send('Page.setWebLifecycleState', { state: 'frozen' });
  }

  /** Opens the lid, with the page in front. */
  async wake(): Promise<void> {
    await this.#devtools.send('Page.setWebLifecycleState', { state: 'active' });
    // Chromium hid the page in order to freeze it, and shows it again only when one comes back to its tab.
    const other = await this.page.context().newPage();
    await other.bringToFront();
    await this.page.bringToFront();
    await other.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const browser of this.#browsers) await browser.close();
  }
}
