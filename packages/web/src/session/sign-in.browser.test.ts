import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RunningApi, accessToken, eventually } from '@kubidu/testing';
import { RealBrowser } from '@kubidu/testing/real-browser';
import type { Page } from '@kubidu/testing/real-browser';

const SECRET = 'a secret of thirty-two bytes or more';

/** A token of Ada's for everything; `seconds` is how long it lasts. */
const token = (seconds = 3_600, more = {}) =>
  accessToken(SECRET, { sub: 'ada', admin: true, exp: Math.floor(Date.now() / 1_000) + seconds, ...more });

/** Another dashboard, on an origin of its own, that shows ours in a frame and hands in a token when it is asked. */
async function embeddingPage(answer: () => string): Promise<AsyncDisposable & { readonly origin: string }> {
  const server = createServer((request, response) => {
    if (request.url === '/token') {
      response.end(answer());
      return;
    }
    response.setHeader('content-type', 'text/html');
    const inner = decodeURIComponent((request.url ?? '').slice(2));
    response.end(`<iframe src="${inner}" width="1000" height="700"></iframe><script>
      addEventListener('message', async ({ data, source, origin }) => {
        if (data?.type !== 'kubidu:token-wanted' || origin !== new URL('${inner}').origin) return;
        source.postMessage({ type: 'kubidu:token', token: await (await fetch('/token')).text() }, origin);
      });
    </script>`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://localhost:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

describe('Signing in', () => {
  let api: RunningApi;
  let browser: RealBrowser;
  let listed: Awaited<ReturnType<typeof embeddingPage>>;
  let stranger: Awaited<ReturnType<typeof embeddingPage>>;
  let handedIn = '';
  beforeAll(async () => {
    listed = await embeddingPage(() => handedIn);
    stranger = await embeddingPage(() => handedIn);
    const env = { KUBIDU_JWT_SECRET: SECRET, KUBIDU_INGEST_TOKEN: 'ingest', KUBIDU_FRAME_ANCESTORS: listed.origin };
    api = await RunningApi.start({ env });
    browser = await RealBrowser.start();
    const entries = [{ id: '1', timestamp: new Date().toISOString(), message: 'good morning', level: 'INFO' }];
    const response = await fetch(`${api.url}/api/streams/runtime:web/entries`, {
      method: 'POST',
      headers: { authorization: 'Bearer ingest', 'content-type': 'application/json' },
      body: JSON.stringify({ entries }),
    });
    expect(response.status).toBe(200);
  }, 60_000);
  afterAll(async () => {
    await browser[Symbol.asyncDispose]();
    await api[Symbol.asyncDispose]();
    await listed[Symbol.asyncDispose]();
    await stranger[Symbol.asyncDispose]();
  });

  const signIn = async (page: Page, given: string): Promise<void> => {
    await page.getByLabel('Access token').fill(given);
    await page.getByRole('button', { name: 'Sign in' }).click();
  };

  it('takes a token and shows the page that one came for, with the token nowhere in the address', async () => {
    const page = await browser.open();
    await page.goto(`${api.url}/services/web?level=warn`);
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await browser.picture(page, 'sign-in');
    expect(await browser.faults(page)).toEqual([]);
    await signIn(page, 'nonsense');
    await page.getByRole('alert').getByText('does not accept this token').waitFor();
    await browser.picture(page, 'sign-in-refused');
    await signIn(page, token());
    await page.getByRole('region', { name: 'Log of runtime:web' }).waitFor();
    expect(page.url()).toBe(`${api.url}/services/web?level=warn`);
    expect(await page.evaluate(() => localStorage.length)).toBe(0);
    await page.reload();
    await page.getByText('ada').waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.context().close();
  });

  it('keeps a token beyond the tab only where one asks for it', async () => {
    const page = await browser.open();
    await page.goto(api.url);
    await page.getByLabel('Keep me signed in').check();
    await signIn(page, token());
    await page.getByText('ada').waitFor();
    const other = await page.context().newPage();
    await other.goto(api.url);
    await other.getByText('ada').waitFor();
    await other.getByRole('button', { name: 'Sign out' }).click();
    await eventually(() => page.evaluate(() => localStorage.length === 0));
    await page.context().close();
  });

  it('asks again over the page when the token expires, and stays where one was', async () => {
    const page = await browser.open();
    await page.goto(`${api.url}/services/web?wrap=on`);
    await signIn(page, token(4));
    const log = page.getByRole('region', { name: 'Log of runtime:web' });
    await log.waitFor();
    const same = await log.elementHandle();
    await page.getByRole('heading', { name: 'Your sign-in has expired' }).waitFor();
    await browser.picture(page, 'expired');
    expect(await browser.faults(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: /Sign in again/ }).click();
    await signIn(page, token());
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await same?.evaluate((element) => element.isConnected)).toBe(true);
    expect(page.url()).toBe(`${api.url}/services/web?wrap=on`);
    await page.context().close();
  }, 20_000);

  it('takes a token from the page around it, and the next one when that ends', async () => {
    const page = await browser.open();
    handedIn = token(4);
    await page.goto(`${listed.origin}/?${encodeURIComponent(api.url)}`);
    const inner = page.frameLocator('iframe');
    await inner.getByText('ada').waitFor();
    handedIn = token(3_600, { sub: 'grace' });
    await inner.getByText('grace').waitFor();
    await page.context().close();
  }, 20_000);

  it('is shown in nobody else’s frame', async () => {
    const page = await browser.open();
    const refused: string[] = [];
    page.on('console', (message) => refused.push(message.text()));
    await page.goto(`${stranger.origin}/?${encodeURIComponent(api.url)}`);
    await eventually(() => refused.join().includes('frame-ancestors'));
    expect(await page.frameLocator('iframe').getByText('Sign in').count()).toBe(0);
    await page.context().close();
  });

  it('says that a service is not one’s own as it says that there is none', async () => {
    const page = await browser.open();
    await page.goto(`${api.url}/services/web`);
    await signIn(page, token(3_600, { admin: false, streams: ['runtime:other'] }));
    await page.getByText('There is no sign of the service web').waitFor();
    await page.context().close();
  });
});
