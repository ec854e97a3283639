import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { accessToken, eventually, judge, NumberedFeed, pace, Sending, storedEntries } from '@kubidu/testing';
import { SleepingPage } from '@kubidu/testing/sleeping-page';

import { DevelopmentApp } from '../../testing/development-app.ts';
import { LogScene } from '../../testing/log-page.ts';
import type { LogPage } from '../../testing/log-page.ts';

const LONG = process.env['KUBIDU_TEST_LONG'] !== undefined;
const PER_SECOND = LONG ? 500 : 250;
/** Lines that there are before anything goes wrong. */
const BEFORE = 400;
const SECRET = 'a secret of thirty-two bytes or more';
const INGEST = 'ingest';
/** A screen that holds many lines, so that reading through all of them takes few. */
const TALL = { height: 2_400 };

describe('A reader who scrolled up', () => {
  /** React tells there what it finds wrong. */
  let app: DevelopmentApp;
  let scene: LogScene;
  beforeAll(async () => {
    app = await DevelopmentApp.build();
    scene = await LogScene.start({ env: { KUBIDU_JWT_SECRET: SECRET, KUBIDU_INGEST_TOKEN: INGEST } });
    scene.app = app;
  }, 60_000);
  afterAll(async () => {
    await scene[Symbol.asyncDispose]();
    await app[Symbol.asyncDispose]();
  });

  function feedOf(service: string): NumberedFeed {
    const [urls, stream] = [[scene.api.url], `runtime:${service}` as const];
    return new NumberedFeed({ urls, stream, writer: service, perSecond: PER_SECOND, batch: 50, token: INGEST });
  }

  /** Scrolls up a little, and says which line is read there and how to learn where it stood since. */
  async function readAbove(log: LogPage) {
    await log.restOf(BEFORE);
    await log.wheel(-3_000);
    await eventually(async () => !(await log.seen()).includes(BEFORE));
    await log.rest();
    const line = (await log.seen())[7] as number;
    return { place: await log.placeOf(line), places: await log.watch(line) };
  }

  /** What stands on the page, from the first line to the last, is what the server has and what was written. */
  async function mustBeComplete(log: LogPage, feed: NumberedFeed, service: string) {
    const lines = feed.acknowledged;
    await log.status(`${lines.toLocaleString('en')} entries`);
    await log.status('Complete');
    const read = await log.everything();
    const verdict = judge(read, [{ writer: service, lines }], { after: 0, through: feed.lastIndex });
    expect(verdict.report).toBe(`complete: ${lines.toLocaleString('en')} lines of 1 writers`);
    const { entries } = await storedEntries(scene.api.url, `runtime:${service}`, tokenFor(3_600));
    expect(read).toEqual(entries.map(({ index, message }) => ({ index, message })));
    expect(log.complaints.filter((text) => !isOfTheNetwork(text))).toEqual([]);
  }

  it('keeps the place while the server is killed and comes back amid what is written, and misses no line', async () => {
    const service = scene.service();
    const feed = feedOf(service);
    await feed.send(BEFORE);
    await using log = await scene.visit(`/services/${service}`, TALL);
    await signIn(log, 3_600);
    const { place, places } = await readAbove(log);
    await using sending = new Sending(feed);
    for (let kills = 1; kills <= (LONG ? 10 : 2); kills++) {
      const { acknowledged } = feed;
      await eventually(() => feed.acknowledged > acknowledged + 150);
      await scene.api.kill9();
      await log.status('Reconnecting…');
      await scene.api.restart();
      await log.status('Connected');
    }
    await sending.stop();
    await log.status(`${feed.acknowledged.toLocaleString('en')} entries`);
    expect(await places()).toEqual([place]);
    await mustBeComplete(log, feed, service);
  }, 120_000);

  it('keeps the place while the laptop sleeps and lines go on, and misses none of them', async () => {
    const service = scene.service();
    const feed = feedOf(service);
    await feed.send(BEFORE);
    await using laptop = await SleepingPage.open(TALL);
    const log = await scene.show(`/services/${service}`, laptop.page);
    await signIn(log, 3_600);
    const { place, places } = await readAbove(log);
    await using sending = new Sending(feed);
    const slept = await log.page.evaluateHandle(() => {
      const events: string[] = [];
      for (const name of ['freeze', 'resume']) document.addEventListener(name, () => events.push(name));
      return events;
    });
    await laptop.sleep();
    await pace(LONG ? 60_000 : 3_000);
    const { acknowledged } = feed;
    await laptop.wake();
    await eventually(async () => expect(await slept.evaluate((events) => events)).toEqual(['freeze', 'resume']));
    await eventually(() => feed.acknowledged > acknowledged + 150);
    await sending.stop();
    await log.status(`${feed.acknowledged.toLocaleString('en')} entries`);
    expect(await places()).toEqual([place]);
    await mustBeComplete(log, feed, service);
  }, 180_000);

  it('keeps the place when the token expires, is asked again, and misses no line that came meanwhile', async () => {
    const service = scene.service();
    const feed = feedOf(service);
    await feed.send(BEFORE);
    await using log = await scene.visit(`/services/${service}`, TALL);
    await signIn(log, 6);
    const { place, places } = await readAbove(log);
    await using sending = new Sending(feed);
    await log.page.getByRole('heading', { name: 'Your sign-in has expired' }).waitFor();
    const { acknowledged } = feed;
    await eventually(() => feed.acknowledged > acknowledged + 300);
    await signIn(log, 3_600);
    await log.page.getByRole('dialog').waitFor({ state: 'detached' });
    await log.status('Connected');
    await sending.stop();
    await log.status(`${feed.acknowledged.toLocaleString('en')} entries`);
    expect(await places()).toEqual([place]);
    await mustBeComplete(log, feed, service);
  }, 60_000);

  it('is shown how the log does also after another person signed in instead', async () => {
    const service = scene.service();
    const feed = feedOf(service);
    await feed.send(BEFORE);
    await using log = await scene.visit(`/services/${service}`, TALL);
    await signIn(log, 4);
    await log.status('Connected');
    await log.page.getByRole('heading', { name: 'Your sign-in has expired' }).waitFor();
    await log.status('Reconnecting…');
    await signIn(log, 3_600, 'grace');
    await log.status('Connected');
    await feed.send(BEFORE);
    await mustBeComplete(log, feed, service);
  }, 60_000);
});

async function signIn({ page }: LogPage, seconds: number, name = 'ada'): Promise<void> {
  await page.getByLabel('Access token').fill(tokenFor(seconds, name));
  await page.getByRole('button', { name: 'Sign in' }).click();
}

function tokenFor(seconds: number, name = 'ada'): string {
  return accessToken(SECRET, { sub: name, admin: true, exp: Math.floor(Date.now() / 1_000) + seconds });
}

/** What a browser says of each request that fails while a server is away. */
function isOfTheNetwork(text: string): boolean {
  return /^Failed to load resource|^WebSocket connection to/.test(text);
}
