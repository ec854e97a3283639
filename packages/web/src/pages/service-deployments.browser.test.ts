import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, RunningApi } from '@kubidu/testing';
import type { PreparedData } from '@kubidu/testing/prepared-data';
import { RealBrowser } from '@kubidu/testing/real-browser';
import type { OpenedPage, Page } from '@kubidu/testing/real-browser';

import { FAILED, RELEASED, RUNNING, scene } from '../testing/scene.ts';

describe("A service's deployments", () => {
  let data: PreparedData;
  let api: RunningApi;
  let browser: RealBrowser;
  beforeAll(async () => {
    data = await scene();
    api = await RunningApi.start({ env: { KUBIDU_DATA_DIR: data.folder } });
    browser = await RealBrowser.start();
  }, 60_000);
  afterAll(async () => {
    await browser[Symbol.asyncDispose]();
    await api[Symbol.asyncDispose]();
    await data[Symbol.asyncDispose]();
  });

  const open = async (service: string, opened: OpenedPage): Promise<Page> => {
    const page = await browser.open(opened);
    await page.goto(`${api.url}/services/${service}`);
    await page.locator('.log-viewer').waitFor();
    return page;
  };
  const opener = (page: Page) => page.getByRole('button', { name: /^Deployments/ });
  const links = (page: Page) => page.getByRole('region', { name: 'Deployments' }).getByRole('link');

  it.each([390, 800, 1_023])('open by the keyboard alone where the page is %i pixels wide', async (width) => {
    const page = await open('checkout', { width, height: 844 });
    await opener(page).focus();
    expect(await links(page).count()).toBe(0);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: /^Deployments/, expanded: true }).waitFor();
    await links(page).first().waitFor();
    await page.keyboard.press('Tab');
    await eventually(() =>
      links(page)
        .first()
        .evaluate((link) => link === document.activeElement),
    );
    const shown = await links(page).evaluateAll((all) => all.map((link) => link.getAttribute('href')));
    expect(shown).toEqual([RUNNING, RELEASED, FAILED].map((id) => `/deployments/${id}`));
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/deployments/${RUNNING}`);
    await page.context().close();
  });

  it('say how the latest does before they are opened', async () => {
    const page = await open('checkout', { width: 390, height: 844 });
    await opener(page).getByText('running').waitFor();
    await page.context().close();
  });

  it('stand beside the log, without a button, where there is room', async () => {
    const page = await open('checkout', { width: 1_024, height: 768 });
    await links(page).first().waitFor();
    expect(await opener(page).count()).toBe(0);
    await page.context().close();
  });

  it.each(['light', 'dark'] as const)('leave the log room, and axe finds no fault, in %s', async (theme) => {
    for (const [width, height] of [
      [390, 844],
      [1_024, 768],
    ] as const) {
      const page = await open('checkout', { width, height, theme });
      await page.locator('[data-entry]').first().waitFor();
      await browser.picture(page, `deployments-closed-${width}-${theme}`);
      if (width < 1_024) await opener(page).click();
      await links(page).first().waitFor();
      await browser.picture(page, `deployments-${width}-${theme}`);
      expect(await browser.faults(page)).toEqual([]);
      const lines = await page.locator('.log-scroller').boundingBox();
      expect(lines?.height).toBeGreaterThan(height / 5);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(
        0,
      );
      await page.context().close();
    }
  });
});
