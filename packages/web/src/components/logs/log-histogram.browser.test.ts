import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@kubidu/testing';

import { LogScene } from '../../testing/log-page.ts';
import type { LogPage } from '../../testing/log-page.ts';

const LINES = 6_000;
const BEGAN = Date.UTC(2026, 10, 20, 12);
/** Places of the lines that are errors, from 0. */
const OUTAGE = { from: 1_000, to: 1_200 };

/** One line every ten seconds, for more than sixteen hours, with an outage on the way. */
const day = (place: number) => {
  const isError = place >= OUTAGE.from && place < OUTAGE.to;
  return {
    timestamp: new Date(BEGAN + place * 10_000).toISOString(),
    message: isError ? `no database ${place + 1}` : `GET /cart/${place + 1} 200 ${'.'.repeat(100)}`,
    level: isError ? ('ERROR' as const) : ('INFO' as const),
  };
};

const histogramOf = (log: LogPage) => log.page.getByRole('img', { name: /^Lines over time/ });

/** Waits until the histogram says so many lines. */
const counted = (log: LogPage, lines: string) =>
  log.page.getByRole('img', { name: new RegExp(`^Lines over time, .*: ${lines} lines, at most`) }).waitFor();

async function boxOf(log: LogPage) {
  const box = await histogramOf(log).boundingBox();
  if (box === null) throw new Error('the histogram is not drawn');
  return box;
}

/** From where to where something is drawn in the histogram, in parts of its width. */
async function stretchOf(log: LogPage, what: string): Promise<{ from: number; to: number }> {
  const { x, width } = await boxOf(log);
  const boxes = await log.page
    .locator(what)
    .evaluateAll((all) => all.map((one) => one.getBoundingClientRect()).map(({ left, right }) => ({ left, right })));
  const [left, right] = [Math.min(...boxes.map((box) => box.left)), Math.max(...boxes.map((box) => box.right))];
  return { from: (left - x) / width, to: (right - x) / width };
}

async function drag(log: LogPage, from: number, to: number): Promise<void> {
  const { x, y, width } = await boxOf(log);
  await log.page.mouse.move(x + width * from, y + 10);
  await log.page.mouse.down();
  await log.page.mouse.move(x + width * to, y + 10, { steps: 4 });
  await log.page.locator('.log-brush').waitFor();
  await log.page.getByText(/^20 Nov|^\d\d:\d\d:\d\d to \d\d:\d\d:\d\d$/).waitFor();
  await log.page.mouse.up();
}

describe('The bars above a log', () => {
  let scene: LogScene;
  beforeAll(async () => {
    // Most of what is written is archived while the tests run.
    scene = await LogScene.start({ env: { KUBIDU_HOT_BYTES: '65536' } });
  }, 60_000);
  afterAll(() => scene[Symbol.asyncDispose]());

  it('shows how the whole history’s levels lie over time, and takes a drag over time that was never loaded', async () => {
    const service = scene.service();
    await scene.write(service, LINES, day);
    await using log = await scene.open(service);
    await log.placeOf(LINES);
    await counted(log, '6,000');
    await log.page.getByRole('img', { name: /time, 20 Nov 1[23]:\d\d:\d\d to 21 Nov 05:/ }).waitFor();
    const errors = await stretchOf(log, '.log-bar-error');
    expect(errors.from).toBeCloseTo(OUTAGE.from / LINES, 1);
    expect(errors.to).toBeCloseTo(OUTAGE.to / LINES, 1);
    const loaded = await stretchOf(log, '.log-bar-loaded');
    expect(loaded.from).toBeGreaterThan(0.8);
    for (const width of [1_440, 390]) {
      for (const theme of ['dark', 'light'] as const) {
        await log.page.setViewportSize({ width, height: 900 });
        await log.page.emulateMedia({ colorScheme: theme });
        await scene.browser.picture(log.page, `histogram-${width}-${theme}`);
        expect(await scene.browser.faults(log.page)).toEqual([]);
      }
    }
    await log.page.setViewportSize({ width: 1_440, height: 900 });
    await drag(log, 0.195, 0.175);
    const words = log.page.getByText(/^Only lines [\d,]+ to [\d,]+/);
    await words.waitFor();
    const [from = 0, to = 0] = [...(await words.innerText()).matchAll(/[\d,]+/g)].map(([number]) =>
      Number(number.replace(',', '')),
    );
    expect(Math.abs(from - LINES * 0.175)).toBeLessThan(60);
    expect(Math.abs(to - LINES * 0.195)).toBeLessThan(60);
    await log.status(`${to - from + 1} of 6,000 entries`);
    await log.row(to).getByText(`no database ${to}`).waitFor();
    await eventually(() => log.page.url().includes(`from=${from}&to=${to}`));
    await log.page.reload();
    await log.status(`${to - from + 1} of 6,000 entries`);
    await counted(log, '6,000');
    expect(log.complaints).toEqual([]);
  });

  it('grow with what comes, and ask the server once', async () => {
    const service = scene.service();
    await scene.write(service, 2_000, day);
    let asked = 0;
    await using log = await scene.visit(`/services/${service}`, {}, async ({ page }) => {
      page.on('request', (request) => (asked += Number(request.url().includes('/logs/histogram'))));
    });
    await counted(log, '2,000');
    for (const lines of ['2,300', '2,600']) {
      await scene.write(service, 300, (place) => day(2_000 + place));
      await counted(log, lines);
    }
    expect(asked).toBe(1);
  });

  it('have what is searched for over them, further back the further the search is', async () => {
    const service = scene.service();
    await scene.write(service, LINES, day);
    await using log = await scene.open(service);
    await counted(log, '6,000');
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    await log.page.route('**/logs/search?*', async (route) => {
      await held;
      await route.continue();
    });
    await log.search.fill('200 OR database');
    await log.page.locator('.log-bar-match').first().waitFor();
    expect((await stretchOf(log, '.log-bar-match')).from).toBeGreaterThan(0.8);
    release();
    await eventually(async () => expect((await stretchOf(log, '.log-bar-match')).from).toBeLessThan(0.02));
    await scene.browser.picture(log.page, 'histogram-matches');
    await log.search.fill('database');
    await eventually(async () => {
      const { from, to } = await stretchOf(log, '.log-bar-match');
      expect([from, to].map((part) => Math.round(part * 10) / 10)).toEqual([0.2, 0.2]);
    });
    await log.search.fill('');
    await log.page.locator('.log-bar-match').first().waitFor({ state: 'detached' });
  });

  it('show what is loaded where the server does not count', async () => {
    const service = scene.service();
    await scene.write(service, 2_000, day);
    await using log = await scene.visit(`/services/${service}`, {}, async ({ page }) => {
      await page.route('**/logs/histogram?*', (route) =>
        route.fulfill({ status: 503, json: { error: { code: 'UNAVAILABLE', message: 'away' } } }),
      );
    });
    await log.placeOf(2_000);
    await log.page.getByRole('img', { name: /: [\d,]+ lines, of which older ones are not counted, at most/ }).waitFor();
  });
});
