import { RunningApi } from '@kubidu/testing';
import { RealBrowser } from '@kubidu/testing/real-browser';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

describe('The dashboard', () => {
  let api: RunningApi;
  let browser: RealBrowser;
  beforeAll(async () => {
    api = await RunningApi.start();
    browser = await RealBrowser.start();
  });
  afterAll(async () => {
    await browser[Symbol.asyncDispose]();
    await api[Symbol.asyncDispose]();
  });

  it('shows the log of a service under its address', async () => {
    const page = await browser.open();
    await page.goto(`${api.url}/services/web`);
    await page.getByRole('region', { name: 'Log of runtime:web' }).waitFor();
    expect(page.url()).toBe(`${api.url}/services/web`);
    await browser.picture(page, 'service');
  });
});
