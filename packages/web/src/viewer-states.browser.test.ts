import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@kubidu/testing';
import type { PreparedData } from '@kubidu/testing/prepared-data';

import { LogScene } from './testing/log-page.ts';
import type { LogPage } from './testing/log-page.ts';
import { looks } from './testing/looks.ts';
import { FAILED, scene as workingDay } from './testing/scene.ts';

/** The time in every page; timers go on. */
const NOW = Date.UTC(2026, 10, 20, 13);
const SHOP = '/services/shop-1';
/** Its last line: more than are at hand at first. */
const LAST = 3_000;

interface State {
  readonly name: string;
  readonly path: string;
  /** What of the server is answered otherwise, before the page is opened. */
  readonly before?: (log: LogPage) => Promise<unknown>;
  /** Leads there, and waits until it is. */
  readonly reach: (log: LogPage, scene: LogScene) => Promise<unknown>;
}

const STATES: readonly State[] = [
  { name: 'empty', path: '/jobs/silent', reach: (log) => log.page.getByText('Nothing was written').waitFor() },
  {
    name: 'nothing-matches',
    path: `${SHOP}?q=nothing&only=on`,
    reach: (log) => log.page.getByText('No line matches').waitFor(),
  },
  {
    name: 'loading',
    path: SHOP,
    // Taken, and never answered.
    before: ({ page }) => page.routeWebSocket(/socket\.io/, () => undefined),
    reach: (log) => log.page.getByText('Opening the log…').waitFor(),
  },
  { name: 'live', path: SHOP, reach: (log) => log.status('Connected') },
  {
    name: 'paused',
    path: '/services/shop-2',
    reach: async (log, scene) => {
      await log.placeOf(60);
      await log.page.keyboard.press('Space');
      await log.status('Paused, 0 waiting');
      await scene.write('shop-2', 2);
      await log.page.getByRole('button', { name: 'Resume (2)' }).waitFor();
      // Its colours are checked as of one that is pointed at; it is none of those that have a picture.
      await log.page.locator('[data-entry="50"] .log-row').hover();
    },
  },
  {
    name: 'searching',
    path: SHOP,
    before: ({ page }) => page.route('**/logs/search?*', () => undefined),
    reach: async (log) => {
      await log.placeOf(LAST);
      await log.search.fill('slow');
      await log.page.getByRole('button', { name: 'Stop' }).waitFor();
      await log.page.keyboard.press('Enter');
      await log.page.getByText(/^\d+ of \d+\+$/).waitFor();
    },
  },
  {
    name: 'pods-menu',
    path: SHOP,
    reach: async (log) => {
      await log.placeOf(LAST);
      await log.page.getByRole('button', { name: 'Pods' }).click();
      await log.page.getByRole('group', { name: 'Pods' }).waitFor();
    },
  },
  {
    name: 'download-menu',
    path: SHOP,
    reach: async (log) => {
      await log.placeOf(LAST);
      await log.page.getByRole('button', { name: 'Download' }).click();
      await log.page.getByRole('group', { name: 'Download' }).waitFor();
    },
  },
  {
    name: 'keys',
    path: SHOP,
    reach: async (log) => {
      await log.placeOf(LAST);
      await log.page.keyboard.press('?');
      await log.page.getByRole('dialog', { name: 'Keys' }).waitFor();
    },
  },
  {
    name: 'expired',
    path: SHOP,
    before: ({ page }) =>
      page.route('**/api/me', async (route) => {
        const response = await route.fetch();
        const me = { ...((await response.json()) as object), authentication: 'token' };
        await route.fulfill({ response, json: { ...me, expiresAt: new Date(NOW + 500).toISOString() } });
      }),
    reach: (log) => log.page.getByRole('heading', { name: 'Your sign-in has expired' }).waitFor(),
  },
  {
    name: 'forbidden',
    path: SHOP,
    before: ({ page }) =>
      page.route('**/api/services/shop-1', (route) =>
        route.fulfill({ status: 403, json: { error: { code: 'FORBIDDEN', message: 'Forbidden' } } }),
      ),
    reach: (log) => log.page.getByText('You may not see the service shop-1').waitFor(),
  },
  {
    name: 'build-failed',
    path: `/deployments/${FAILED}`,
    reach: (log) => log.page.getByText('npm error code 2').waitFor(),
  },
  // The last one: the server does not come back.
  {
    name: 'disconnected',
    // All of it is at hand: lines that are being read when the server goes would be spoken of.
    path: '/services/shop-3',
    reach: async (log, scene) => {
      await log.placeOf(60);
      await scene.api.kill9();
      await log.status('Reconnecting… (attempt');
    },
  },
];

/** Where axe looks; the first two are what is compared. */
const SIZES = [
  { width: 1_440, height: 900, theme: 'dark' },
  { width: 1_440, height: 900, theme: 'light' },
  { width: 1_024, height: 768, theme: 'light' },
  { width: 390, height: 844, theme: 'dark' },
] as const;

describe('A viewer that is', () => {
  let data: PreparedData;
  let scene: LogScene;
  beforeAll(async () => {
    data = await workingDay(NOW, [{ stream: 'job:silent', entries: [], ended: { status: 'succeeded', exitCode: 0 } }]);
    // Without builds: whether there is a Docker engine is the machine's matter.
    scene = await LogScene.start({ env: { KUBIDU_DATA_DIR: data.folder, KUBIDU_ROLES: 'gateway,collector,archiver' } });
    const lines = (place: number) => ({
      message: place % 17 === 0 ? `slow query: ${200 + place} ms on orders` : `GET /cart/${place} 200`,
      level: place % 17 === 0 ? ('WARN' as const) : ('INFO' as const),
      podName: `shop-${place % 2}`,
      container: 'app',
    });
    await scene.write('shop-1', LAST, lines);
    await scene.write('shop-2', 60, lines);
    await scene.write('shop-3', 60, lines);
  }, 60_000);
  afterAll(async () => {
    await scene[Symbol.asyncDispose]();
    await data[Symbol.asyncDispose]();
  });

  it.each(STATES)(
    '$name looks as it did in dark and light, and axe finds nothing in it at any width',
    async ({ name, path, before, reach }) => {
      await using log = await scene.visit(path, {}, async (page) => {
        await page.page.clock.setFixedTime(NOW);
        await before?.(page);
      });
      await reach(log, scene);
      const shown: Record<string, string[]> = {};
      for (const { width, height, theme } of SIZES) {
        await log.page.setViewportSize({ width, height });
        await log.page.emulateMedia({ colorScheme: theme });
        await scene.browser.picture(log.page, `state-${name}-${width}-${theme}`);
        expect(await scene.browser.faults(log.page)).toEqual([]);
        await eventually(() => log.page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth));
        if (width === 1_440) shown[theme] = await looks(log.page);
      }
      expect(shown).toMatchSnapshot();
    },
  );
});
