import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, RunningApi } from '@kubidu/testing';
import type { PreparedData } from '@kubidu/testing/prepared-data';
import { RealBrowser } from '@kubidu/testing/real-browser';
import type { OpenedPage, Page } from '@kubidu/testing/real-browser';

import { FAILED, QUEUED, RELEASED, RUNNING, scene } from './testing/scene.ts';

const PAGES = [
  { name: 'services', path: '/', shows: 'Latest deployments' },
  { name: 'service', path: '/services/checkout', shows: '3 of 3 running', lines: /GET \/cart\/\d+ 200/ },
  { name: 'failed-build', path: `/deployments/${FAILED}`, shows: 'RUN npm run build', lines: 'npm error code 2' },
  { name: 'released-build', path: `/deployments/${RELEASED}`, shows: '3 running, 3 started' },
  { name: 'running-build', path: `/deployments/${RUNNING}`, shows: 'RUN npm ci', lines: 'added 201 packages so far' },
  { name: 'queued-build', path: `/deployments/${QUEUED}`, shows: 'Nothing can be built now' },
  { name: 'job', path: '/jobs/import-2026-11', shows: 'succeeded', lines: 'imported batch 40' },
  { name: 'bot', path: '/bots/night-watch', shows: 'running', lines: 'looked at queue 25' },
  { name: 'nothing-there', path: '/services/nobody', shows: 'There is no sign of the service nobody' },
];
const SIZES = [
  { width: 1_440, height: 900, theme: 'dark', axe: true },
  { width: 1_440, height: 900, theme: 'light', axe: true },
  { width: 1_024, height: 768, theme: 'light', axe: false },
  { width: 390, height: 844, theme: 'dark', axe: false },
] as const;

describe('The dashboard', () => {
  let data: PreparedData;
  let api: RunningApi;
  let browser: RealBrowser;
  beforeAll(async () => {
    data = await scene();
    const procfile = join(data.folder, 'Procfile');
    await writeFile(procfile, 'checkout: i=0; while true; do i=$((i+1)); echo "GET /cart/$i 200"; sleep 0.5; done\n');
    const processes = { KUBIDU_PROCFILE: procfile, KUBIDU_FORMATION: 'checkout=3' };
    api = await RunningApi.start({ env: { KUBIDU_DATA_DIR: data.folder, ...processes } });
    browser = await RealBrowser.start();
  }, 60_000);
  afterAll(async () => {
    await browser[Symbol.asyncDispose]();
    await api[Symbol.asyncDispose]();
    await data[Symbol.asyncDispose]();
  });

  const open = async (path: string, opened?: OpenedPage): Promise<Page> => {
    const page = await browser.open(opened);
    await page.goto(api.url + path);
    return page;
  };

  it.each(PAGES)(
    'has the page $path without a fault that axe finds, at every width, and breaks no policy',
    async (at) => {
      const page = await browser.open();
      const refused: string[] = [];
      page.on('console', (message) => message.type() === 'error' && refused.push(message.text()));
      page.on('pageerror', (error) => refused.push(String(error)));
      await page.goto(api.url + at.path);
      await page.getByText(at.shows).first().waitFor({ state: 'attached' });
      if ('lines' in at) await page.getByText(at.lines).first().waitFor();
      for (const { width, height, theme, axe } of SIZES) {
        await page.setViewportSize({ width, height });
        await page.emulateMedia({ colorScheme: theme });
        await browser.picture(page, `${at.name}-${width}-${theme}`);
        if (axe) expect(await browser.faults(page)).toEqual([]);
        await eventually(() => page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth));
      }
      // A browser says of every 404 that it is one.
      expect(refused.filter((text) => !text.includes('404'))).toEqual([]);
      await page.context().close();
    },
  );

  it('leads from the services to a replica, whose name is then in the address, by the keyboard alone', async () => {
    const page = await open('/');
    await page.getByRole('link', { name: 'checkout' }).first().focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: /checkout\.2/ }).focus();
    await page.keyboard.press('Space');
    await page.waitForURL('**/services/checkout?pod=checkout.2');
    await page.getByRole('button', { name: /checkout\.2/, pressed: true }).waitFor();
    await page.keyboard.press('Space');
    await page.waitForURL('**/services/checkout');
    await page.getByRole('button', { name: /checkout\.2/, pressed: false }).waitFor();
    await page.context().close();
  });

  it('tells how often a replica was started again, and how it ended last', async () => {
    const page = await open('/services/checkout');
    const replica = page.getByRole('button', { name: /checkout\.2/ });
    await replica.getByText('OOMKilled').waitFor();
    await replica.getByLabel('1 restarts').getByText('↻1').waitFor();
    await page.context().close();
  });

  it('opens a build where it fails, and another step under its own address', async () => {
    const page = await open(`/deployments/${FAILED}`);
    await page.getByRole('button', { name: /RUN npm run build/, expanded: true }).waitFor();
    await page.getByRole('button', { name: /RUN npm ci/ }).click();
    await page.waitForURL('**?step=3');
    await page.getByRole('button', { name: /RUN npm run build/, expanded: false }).waitFor();
    await page.reload();
    await page.getByRole('button', { name: /RUN npm ci/, expanded: true }).waitFor();
    await page.context().close();
  });

  it('shows a build, its release and its pods as one line that leads into the log of the service', async () => {
    const page = await open(`/deployments/${RELEASED}`);
    const line = page.getByRole('list', { name: 'From the build to running pods' });
    await line.getByText('3 running, 3 started').waitFor();
    await line.getByRole('link', { name: 'released' }).click();
    await page.waitForURL('**/services/checkout#L1');
    await page.context().close();
  });

  it('keeps the theme that one chose', async () => {
    const page = await open('/', { theme: 'light' });
    const dark = page.locator('html[data-theme="dark"]');
    await page.getByRole('button', { name: /Theme: as the system/ }).click();
    await page.getByRole('button', { name: /Theme: light/ }).click();
    await dark.waitFor();
    await page.reload();
    await page.getByRole('button', { name: /Theme: dark/ }).waitFor();
    await dark.waitFor();
    await page.context().close();
  });

  it('says that the server is away, and goes on by itself when it is back', async () => {
    const page = await open('/');
    await page.getByText('Latest deployments').waitFor();
    await api.kill9();
    await page.getByRole('region').getByRole('link', { name: 'web' }).click();
    await page.getByText('The server does not answer').waitFor();
    await browser.picture(page, 'server-away');
    await api.restart();
    await page.getByText('Nothing runs now').waitFor();
    await page.context().close();
  });

  it('loads less than 200 KB for the page of a service, compressed, and what runs patterns when one is looked for', async () => {
    const page = await browser.open();
    const loaded = new Map<string, number>();
    page.on('response', async (response) => {
      const { pathname } = new URL(response.url());
      if (/\.(js|css)$/.test(pathname)) loaded.set(pathname, gzipSync(await response.body()).length);
    });
    await page.goto(`${api.url}/services/checkout`);
    await page.locator('.log-row').first().waitFor();
    const search = page.getByRole('searchbox');
    await search.fill('GET');
    await page.locator('mark').first().waitFor();
    const sizes = [...loaded.values()];
    const all = sizes.reduce((sum, size) => sum + size, 0);
    expect({ loaded: [...loaded], all, some: sizes.length > 1, fits: all < 200_000 }).toMatchObject({
      some: true,
      fits: true,
    });
    await search.fill('/cart.[0-9]+ 200$/');
    await page
      .locator('mark', { hasText: /^cart.\d+ 200$/ })
      .first()
      .waitFor();
    expect(loaded.size).toBeGreaterThan(sizes.length);
    await page.context().close();
  });
});
