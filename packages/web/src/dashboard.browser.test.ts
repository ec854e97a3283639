import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RunningApi } from '@kubidu/testing';
import type { PreparedData } from '@kubidu/testing/prepared-data';
import { RealBrowser } from '@kubidu/testing/real-browser';
import type { OpenedPage } from '@kubidu/testing/real-browser';

import { FAILED, RELEASED, RUNNING, scene } from './testing/scene.ts';

const PAGES = [
  { name: 'services', path: '/', shows: 'checkout' },
  { name: 'service', path: '/services/checkout', shows: 'checkout.2' },
  { name: 'failed-build', path: `/deployments/${FAILED}`, shows: 'RUN npm run build' },
  { name: 'released-build', path: `/deployments/${RELEASED}`, shows: 'exporting to image' },
  { name: 'running-build', path: `/deployments/${RUNNING}`, shows: 'RUN npm ci' },
  { name: 'job', path: '/jobs/import-2026-11', shows: 'succeeded' },
  { name: 'bot', path: '/bots/night-watch', shows: 'running' },
  { name: 'nothing-there', path: '/services/nobody', shows: 'There is no sign of the service nobody' },
];
const SIZES: readonly OpenedPage[] = [
  { width: 1_440, height: 900, theme: 'dark' },
  { width: 1_440, height: 900, theme: 'light' },
  { width: 1_024, height: 768, theme: 'light' },
  { width: 390, height: 844, theme: 'dark' },
];

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

  it('shows pictures', async () => {
    for (const size of SIZES) {
      const page = await browser.open(size);
      for (const { name, path, shows } of PAGES) {
        await page.goto(api.url + path);
        await page.getByText(shows).first().waitFor();
        await browser.picture(page, `${name}-${size.width}-${size.theme}`);
      }
      await page.context().close();
    }
    expect(1).toBe(1);
  }, 120_000);
});
