import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@kubidu/testing';

import { LogScene } from '../../testing/log-page.ts';
import type { LogPage } from '../../testing/log-page.ts';

const SECOND_MS = 1_000;
const FIRST_MS = Date.UTC(2026, 10, 20, 12);

const timeOf = (place: number): string => new Date(FIRST_MS + place * SECOND_MS).toISOString();

describe('Going to a time', () => {
  let scene: LogScene;
  beforeAll(async () => {
    scene = await LogScene.start();
  }, 60_000);
  afterAll(() => scene[Symbol.asyncDispose]());

  const field = (log: LogPage) => log.page.getByRole('textbox', { name: 'Time' });

  /** Opens a log of so many lines, one a second: line 1 is of 12:00:00 UTC, which is 13:00:00 in Berlin. */
  const opened = async (count: number, address = '', of: (place: number) => object = () => ({})): Promise<LogPage> => {
    const service = scene.service();
    await scene.write(service, count, (place) => ({ timestamp: timeOf(place), ...of(place) }));
    const log = await scene.open(service, address);
    await log.page.locator('[data-entry]').first().waitFor();
    return log;
  };

  const go = async (log: LogPage, time: string): Promise<void> => {
    if (!(await field(log).isVisible())) await log.page.keyboard.press('t');
    await field(log).fill(time);
    await field(log).press('Enter');
  };

  /** Waits until a line is in the middle of the viewer, and in the address. */
  const standsAt = async (log: LogPage, index: number): Promise<void> => {
    await log.page.waitForURL((url) => url.hash === `#L${index}`);
    const height = (await log.scroller.boundingBox())?.height ?? 0;
    await eventually(async () => Math.abs((await log.placeOf(index)) + 10 - height / 2) < 40);
  };

  it('puts the first line of then or later in the middle of its context, where a link to it leads too', async () => {
    await using log = await opened(5_000);
    await log.placeOf(5_000);
    await go(log, timeOf(1_233));
    await standsAt(log, 1_234);
    await field(log).waitFor({ state: 'detached' });
    await eventually(async () => (await log.row(1_234).innerText()).includes('line 1234'));
    const place = await log.placeOf(1_234);
    await log.page.reload();
    await eventually(async () => (await log.placeOf(1_234)) === place);
    expect(log.complaints).toEqual([]);
  });

  it('puts it there also where it was in sight at the edge, and a second time', async () => {
    await using log = await opened(3_000, '#L1500');
    await log.placeOf(1_500);
    const edge = (await log.seen())[1] as number;
    await go(log, timeOf(edge - 1));
    await standsAt(log, edge);
    await log.wheel(-6_000);
    await eventually(async () => !(await log.seen()).includes(edge));
    await go(log, timeOf(edge - 1));
    await standsAt(log, edge);
  });

  it('reads a time without a zone by the clock that the lines show', async () => {
    await using log = await opened(2_000);
    await log.placeOf(2_000);
    await go(log, '2026-11-20 13:10:00');
    await standsAt(log, 601);
    await log.page.getByRole('combobox', { name: 'Timestamps' }).selectOption('utc');
    await go(log, '11-20 12:10:05.500');
    await standsAt(log, 607);
  });

  it('finds the first by index of then or later where clocks differ by seconds', async () => {
    // Every third line comes from a pod whose clock is 7 seconds ahead.
    const times = Array.from({ length: 2_000 }, (_, place) => timeOf(place % 3 === 0 ? place + 7 : place));
    await using log = await opened(times.length, '', (place) => ({ timestamp: times[place] }));
    await log.placeOf(2_000);
    const first = times.findIndex((time) => time >= timeOf(1_000)) + 1;
    expect(first).toBeLessThan(1_000);
    await go(log, timeOf(1_000));
    await standsAt(log, first);
  });

  it('finds a time further on than the server looks for one answer', async () => {
    // For one page it looks at 100,000 entries.
    await using log = await opened(101_000, '#L1');
    await log.placeOf(1);
    await go(log, timeOf(100_500));
    await standsAt(log, 100_501);
  }, 60_000);

  it('finds a time so long ago', async () => {
    const now = Date.now();
    const minutely = (place: number) => ({ timestamp: new Date(now - (600 - place) * 60 * SECOND_MS).toISOString() });
    await using log = await opened(600, '', minutely);
    await log.placeOf(600);
    // Half a minute before that line: longer than this test takes.
    await go(log, '2.0083h');
    await standsAt(log, 481);
  });

  it('goes to the first line for a time before it, and to the end for one after the last, and says so', async () => {
    await using log = await opened(1_000, '#L500');
    await log.placeOf(500);
    await go(log, '2020-01-01T00:00:00Z');
    await log.page.waitForURL((url) => url.hash === '#L1');
    await log.placeOf(1);
    await go(log, '2026-11-21T00:00:00Z');
    await log.page.getByRole('status').getByText('this is the end').waitFor();
    await log.placeOf(1_000);
    await log.page.waitForURL((url) => url.hash === '');
  });

  it('says beside the field what is no time, moves nothing, and forgets it as one types on', async () => {
    await using log = await opened(1_000, '#L500');
    const place = await log.placeOf(500);
    for (const wrong of ['yesterday', '', '25:00', '2026-02-30 10:00']) {
      await go(log, wrong);
      await log.page.getByRole('alert').getByText('This is no time.').waitFor();
      expect(await field(log).getAttribute('aria-invalid')).toBe('true');
      await field(log).pressSequentially('1');
      await log.page.getByRole('alert').waitFor({ state: 'detached' });
    }
    expect(await log.placeOf(500)).toBe(place);
    expect(new URL(log.page.url()).hash).toBe('#L500');
  });

  it('goes among the lines that a filter shows, and leaves a stretch that the time is outside of', async () => {
    const levels = (place: number) => ({ level: place % 100 === 50 ? 'ERROR' : 'INFO' });
    await using log = await opened(3_000, '?level=error&from=2001&to=2500', levels);
    await log.placeOf(2_451);
    await go(log, timeOf(1_000));
    await log.page.waitForURL((url) => url.hash === '#L1051' && !url.searchParams.has('from'));
    await log.placeOf(1_051);
    expect(new URL(log.page.url()).searchParams.get('level')).toBe('error');
  });

  it('stays before what waits while it is paused', async () => {
    const service = scene.service();
    await scene.write(service, 200, (place) => ({ timestamp: timeOf(place) }));
    await using log = await scene.open(service);
    await log.placeOf(200);
    await log.page.keyboard.press('Space');
    await scene.write(service, 100, (place) => ({ timestamp: timeOf(200 + place) }));
    await log.status('Paused, 100 waiting');
    await go(log, timeOf(250));
    await log.page.getByRole('status').getByText('waits until you resume').waitFor();
    expect((await log.seen()).at(-1)).toBe(200);
  });

  it('says that it looks, and drops the answer once one has moved on', async () => {
    await using log = await opened(3_000);
    await log.placeOf(3_000);
    const held: (() => Promise<void>)[] = [];
    await log.page.route(/\/logs\?.*since=/, (route) => void held.push(() => route.continue()));
    const looking = log.page.getByRole('status').getByText('Looking for it…');
    const answer = async (count: number): Promise<void> => {
      await eventually(() => held.length === count);
      const answered = log.page.waitForResponse(/since=/);
      await held[count - 1]?.();
      await (await answered).finished();
    };
    await go(log, timeOf(500));
    await looking.waitFor();
    await log.wheel(-2_000);
    await eventually(async () => !(await log.seen()).includes(3_000));
    const reading = (await log.seen())[3] as number;
    await answer(1);
    await looking.waitFor({ state: 'detached' });
    await log.placeOf(reading);
    expect(new URL(log.page.url()).hash).toBe('');
    // Also where one has left the end before.
    await go(log, timeOf(550));
    await looking.waitFor();
    await log.wheel(-2_000);
    await eventually(async () => !(await log.seen()).includes(reading));
    await answer(2);
    await looking.waitFor({ state: 'detached' });
    expect(new URL(log.page.url()).hash).toBe('');
    // What was asked for last counts, and what was asked for before does not come after it.
    await go(log, timeOf(600));
    await eventually(() => held.length === 3);
    await go(log, timeOf(700));
    await answer(4);
    await standsAt(log, 701);
    await held[2]?.().catch(() => undefined); // the page gave its request up
    expect(new URL(log.page.url()).hash).toBe('#L701');
  });

  it('says why a time could not be looked up', async () => {
    await using log = await opened(1_000);
    await log.placeOf(1_000);
    await log.page.route(/\/logs\?.*since=/, (route) => route.abort());
    await go(log, timeOf(10));
    await log.page.getByRole('alert').getByText('It could not be looked up').waitFor();
  });

  it('is opened by its button, left by Esc, and listed among the keys', async () => {
    await using log = await opened(100);
    await log.placeOf(100);
    const button = log.page.getByRole('button', { name: 'Go to a time' });
    await button.click();
    await eventually(() => field(log).evaluate((input) => input === document.activeElement));
    expect(await scene.browser.faults(log.page)).toEqual([]);
    await log.page.keyboard.press('Escape');
    await field(log).waitFor({ state: 'detached' });
    await eventually(() => button.evaluate((one) => one === document.activeElement));
    await log.page.keyboard.press('?');
    await log.page.getByRole('dialog', { name: 'Keys' }).getByText('go to a time').waitFor();
  });

  it.each(['light', 'dark'] as const)('has room for what it says, at every width, in %s', async (theme) => {
    await using log = await opened(300);
    await log.page.emulateMedia({ colorScheme: theme });
    for (const width of [390, 1_024, 1_440]) {
      await log.page.setViewportSize({ width, height: 844 });
      await go(log, 'yesterday');
      await log.page.getByRole('alert').waitFor();
      await scene.browser.picture(log.page, `jump-${width}-${theme}`);
      const box = await log.page.locator('.log-jump').boundingBox();
      expect(box?.x).toBeGreaterThanOrEqual(0);
      expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(width);
    }
  });
});
