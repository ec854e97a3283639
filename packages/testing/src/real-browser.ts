import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import axe from 'axe-core';
import type { AxeResults } from 'axe-core';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';

export type { Page };

const PICTURES = fileURLToPath(new URL('../../../.cache/browser/', import.meta.url));
/** Where Debian has it; KUBIDU_CHROMIUM names another. */
const DEBIANS = '/usr/bin/chromium';

/** How a page is opened. */
export interface OpenedPage {
  /** In CSS pixels; default 1440 × 900. */
  readonly width?: number;
  readonly height?: number;
  readonly theme?: 'light' | 'dark';
  /** More for the context of this page, like permissions. */
  readonly context?: BrowserContextOptions;
}

/** A real Chromium without a window. Whoever starts it disposes of it; its pages end with it. */
export class RealBrowser implements AsyncDisposable {
  /** For what this class does not do. */
  readonly chromium: Browser;

  private constructor(browser: Browser) {
    this.chromium = browser;
  }

  /** Resolves once it runs; `args` are for Chromium. */
  static async start(args: readonly string[] = []): Promise<RealBrowser> {
    return new RealBrowser(await launchChromium(args));
  }

  /** A page of its own: nothing stored is shared with another page. It ends with the browser, or with its context. */
  async open({ width = 1_440, height = 900, theme = 'dark', context }: OpenedPage = {}): Promise<Page> {
    const opened: BrowserContext = await this.chromium.newContext({
      viewport: { width, height },
      colorScheme: theme,
      reducedMotion: 'reduce',
      locale: 'en-GB',
      timezoneId: 'Europe/Berlin',
      ...context,
    });
    opened.setDefaultTimeout(10_000);
    return opened.newPage();
  }

  /** Keeps a picture of the page in `.cache/browser/<name>.png`, for people to look at. Returns its path. */
  async picture(page: Page, name: string): Promise<string> {
    const path = join(PICTURES, `${name}.png`);
    await mkdir(dirname(path), { recursive: true });
    await page.screenshot({ path, animations: 'disabled', caret: 'hide' });
    return path;
  }

  /** What axe finds wrong with the page as it is, serious or worse: rule and element, each in one line. */
  async faults(page: Page): Promise<string[]> {
    await page.evaluate(axe.source);
    const found = await page.evaluate<AxeResults>('axe.run(document, { resultTypes: ["violations"] })');
    return found.violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) => nodes.map(({ html, any }) => `${id}: ${html} ${any[0]?.message ?? ''}`));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.chromium.close();
  }
}

/** The Chromium of tests. */
export function launchChromium(args: readonly string[]): Promise<Browser> {
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({
    executablePath: process.env.KUBIDU_CHROMIUM || DEBIANS,
    args: [...asRoot, '--disable-dev-shm-usage', '--force-color-profile=srgb', '--font-render-hinting=none', ...args],
  });
}
