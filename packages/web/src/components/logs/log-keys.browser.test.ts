import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@kubidu/testing';

import { LogScene } from '../../testing/log-page.ts';
import type { LogPage } from '../../testing/log-page.ts';
import { SHORTCUTS } from './use-shortcuts.ts';

/** Presses each key in the order of the help, and waits for what it does there. Lines 11, 111 … 911 of 1,000 match. */
const PRESS: Readonly<Record<string, (log: LogPage) => Promise<void>>> = {
  'Ctrl F': async (log) => {
    await log.page.keyboard.press('Control+f');
    await searchHasFocus(log);
    await log.scroller.focus();
  },
  '/': async (log) => {
    await log.page.keyboard.press('/');
    await searchHasFocus(log);
    await log.page.keyboard.type('here');
    await log.page.getByText('10 found').waitFor();
  },
  Esc: async (log) => {
    await log.page.keyboard.press('Escape');
    await eventually(async () => (await log.search.inputValue()) === '');
    await eventually(() => log.scroller.evaluate((lines) => lines === document.activeElement));
  },
  Enter: async (log) => {
    await log.page.keyboard.press('/');
    await log.page.keyboard.type('here');
    await log.page.getByText('10 found').waitFor();
    await log.page.keyboard.press('Enter');
    await log.page.getByText('10 of 10').waitFor();
    await log.page.keyboard.press('Enter');
    await pointsAt(log, 811, '9 of 10');
    await log.page.keyboard.press('Shift+Enter');
    await pointsAt(log, 911, '10 of 10');
    await log.scroller.focus();
  },
  n: async (log) => {
    await log.page.keyboard.press('n');
    await pointsAt(log, 11, '1 of 10');
    await log.page.keyboard.press('n');
    await pointsAt(log, 111, '2 of 10');
  },
  N: async (log) => {
    await log.page.keyboard.press('Shift+N');
    await pointsAt(log, 11, '1 of 10');
  },
  o: async (log) => {
    await log.page.keyboard.press('o');
    await log.status('10 of 1,000 entries');
    await log.page.keyboard.press('o');
    await log.status('1,000 entries');
    await log.page.keyboard.press('o');
    await log.status('10 of 1,000 entries');
  },
  c: async (log) => {
    await log.page.keyboard.press('c');
    await log.status('1,000 entries');
    await pointsAt(log, 11, '1 of 10');
    await log.placeOf(12);
  },
  g: async (log) => {
    await log.page.keyboard.press('Shift+G');
    await log.placeOf(1_000);
    await log.page.keyboard.press('g');
    await log.placeOf(1);
  },
  G: async (log) => {
    await log.page.keyboard.press('Shift+G');
    await log.placeOf(1_000);
  },
  t: async (log) => {
    await log.page.keyboard.press('t');
    await eventually(() =>
      log.page.getByLabel('Time', { exact: true }).evaluate((one) => one === document.activeElement),
    );
    await log.page.keyboard.press('Escape');
    await log.scroller.focus();
  },
  Space: async (log) => {
    await log.page.keyboard.press('Space');
    await log.status('Paused, 0 waiting');
    await log.page.keyboard.press('Space');
    await log.page.getByRole('button', { name: 'Pause', pressed: false }).waitFor();
  },
  w: async (log) => {
    await log.page.keyboard.press('w');
    await log.page.locator('.log-wrapped').waitFor();
    await log.page.keyboard.press('w');
    await log.page.locator('.log-canvas:not(.log-wrapped)').waitFor();
  },
  '?': async (log) => {
    await log.page.keyboard.press('?');
    const help = log.page.getByRole('dialog', { name: 'Keys' });
    for (const { keys, does } of SHORTCUTS) {
      await help.getByText(does, { exact: true }).waitFor();
      for (const key of keys) await help.locator('kbd', { hasText: key }).first().waitFor();
    }
    await log.page.keyboard.press('Escape');
    await help.waitFor({ state: 'detached' });
  },
};

describe('The keys of a log', () => {
  let scene: LogScene;
  beforeAll(async () => {
    scene = await LogScene.start();
  }, 60_000);
  afterAll(() => scene[Symbol.asyncDispose]());

  it('do what the help says, each of them, and nothing while one types', async () => {
    expect(Object.keys(PRESS)).toEqual(SHORTCUTS.flatMap(({ keys }) => keys));
    const service = scene.service();
    await scene.write(service, 1_000, (place) => ({ message: place % 100 === 10 ? 'here' : 'far off' }));
    await using log = await scene.open(service);
    await log.placeOf(1_000);
    for (const press of Object.values(PRESS)) await press(log);
    await log.page.keyboard.press('/');
    await log.page.keyboard.type('gnocw ?');
    expect(await log.search.inputValue()).toBe('gnocw ?');
    await log.page.getByText('0 found').waitFor();
    expect(await log.page.getByRole('dialog').count()).toBe(0);
    expect(log.complaints).toEqual([]);
  });
});

async function searchHasFocus(log: LogPage): Promise<void> {
  await eventually(() => log.search.evaluate((field) => field === document.activeElement));
}

/** Waits until a match is pointed at, in sight and in the address. */
async function pointsAt(log: LogPage, line: number, words: string): Promise<void> {
  await log.page.getByText(words, { exact: true }).waitFor();
  await log.placeOf(line);
  await log.row(line).locator('.log-pointed').waitFor();
  await eventually(() => log.page.url().endsWith(`#L${line}`));
}
