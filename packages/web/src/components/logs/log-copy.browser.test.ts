import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@kubidu/testing';
import { PreparedData } from '@kubidu/testing/prepared-data';

import { LogScene } from '../../testing/log-page.ts';
import type { LogPage } from '../../testing/log-page.ts';

/** Of a long log: more than is copied at once. */
const LONG = 101_000;
/** So many lines of so many characters are more than the 96 MiB that a viewer keeps at hand. */
const HEAVY = 8_000;
const HEAVY_CHARACTERS = 15_000;
const ALLOWED = { context: { permissions: ['clipboard-read', 'clipboard-write'] } };

describe('Copying what is selected of a log', () => {
  let data: PreparedData;
  let scene: LogScene;
  beforeAll(async () => {
    const at = (place: number) => new Date(Date.UTC(2026, 10, 20) + place * 100).toISOString();
    data = await PreparedData.create(
      [
        {
          stream: 'runtime:long',
          entries: Array.from({ length: LONG }, (_, place) => ({
            timestamp: at(place),
            message: `\u001b[32mline\u001b[0m ${place + 1}`,
            level: place % 10 === 0 ? 'ERROR' : 'INFO',
            podName: 'web-1',
            container: 'app',
          })),
        },
        {
          stream: 'runtime:heavy',
          entries: Array.from({ length: HEAVY }, (_, place) => ({ timestamp: at(place), message: heavy(place + 1) })),
        },
      ],
      [],
    );
    scene = await LogScene.start({ env: { KUBIDU_DATA_DIR: data.folder } });
  }, 120_000);
  afterAll(async () => {
    await scene[Symbol.asyncDispose]();
    await data[Symbol.asyncDispose]();
  });

  it('gives every line between a click and a click with Shift, also those that were never read', async () => {
    await using log = await scene.open('long', '#L3001', ALLOWED);
    await select(log, 3_001, 15_000);
    const goOn = await holdPages(log);
    await log.page.keyboard.press('Control+c');
    await notice(log, 'Copying 12,000 lines…');
    goOn();
    await notice(log, 'Copied 12,000 lines.');
    await mustBeCopied(log, lines(3_001, 15_000));
    await notice(log, '');
    expect(log.complaints).toEqual([]);
  }, 60_000);

  it('gives lines that were at hand, and had to make room for others since', async () => {
    await using log = await scene.open('heavy', '#L200', ALLOWED);
    await log.restOf(200);
    await click(log, 200, 'begin');
    await goTo(log, 1_101);
    await log.restOf(1_101);
    await click(log, 1_101, 'begin', 'Shift');
    for (const line of [2_600, 4_100, 5_600, 7_100]) {
      await goTo(log, line);
      await log.restOf(line);
    }
    const goOn = await holdPages(log);
    await log.page.keyboard.press('Control+c');
    await notice(log, 'Copying 902 lines…');
    goOn();
    await notice(log, 'Copied 902 lines.');
    await mustBeCopied(log, [...Array.from({ length: 901 }, (_, place) => heavy(200 + place)), '']);
  }, 60_000);

  it('gives only what the filters leave, from the last to the first', async () => {
    await using log = await scene.open('long', '?level=error#L100991', ALLOWED);
    await log.restOf(100_991);
    await click(log, 100_991, 'end');
    await log.page.keyboard.press('g');
    await log.restOf(1);
    await click(log, 1, 'begin', 'Shift');
    await log.page.keyboard.press('Control+c');
    const errors = lines(1, LONG).filter((_, place) => place % 10 === 0);
    await eventually(async () => (await log.clipboard()).length === errors.join('\n').length);
    await mustBeCopied(log, errors);
  }, 60_000);

  it('gives them with times and pods when asked for', async () => {
    await using log = await scene.open('long', '#L3001', ALLOWED);
    await select(log, 3_001, 9_000);
    await log.page.getByRole('button', { name: 'Download' }).click();
    await log.page.getByRole('button', { name: 'Copy selection with times and pods' }).click();
    await notice(log, 'Copied 6,000 lines.');
    const copied = (await log.clipboard()).split('\n');
    expect(copied).toHaveLength(6_000);
    expect(copied[4_999]).toBe('2026-11-20T00:13:19.900Z web-1/app INFO line 8000');
  }, 60_000);

  it('is done for as many lines as it says, and for more says that one downloads them, and copies none', async () => {
    await using log = await scene.open('long', '#L601', ALLOWED);
    await select(log, 601, 100_600);
    await log.page.keyboard.press('Control+c');
    await notice(log, 'Copied 100,000 lines.');
    await mustBeCopied(log, lines(601, 100_600));
    await select(log, 600, 100_600);
    await log.page.keyboard.press('Control+c');
    await notice(
      log,
      'Not copied: 100,001 lines are selected. At most 100,000 lines, or 64 MB, are copied at once. Download saves any number as a file.',
    );
    await mustBeCopied(log, lines(601, 100_600));
    await log.page.getByRole('button', { name: 'Close' }).click();
    await notice(log, '');
  }, 120_000);

  it('is stopped by whoever asked for it, and copies nothing then', async () => {
    await using log = await scene.open('long', '#L3001', ALLOWED);
    await select(log, 3_001, 15_000);
    await log.page.evaluate(() => navigator.clipboard.writeText('before'));
    const goOn = await holdPages(log);
    await log.page.keyboard.press('Control+c');
    await log.page.getByRole('button', { name: 'Stop' }).click();
    goOn();
    await notice(log, '');
    expect(await log.clipboard()).toBe('before');
    expect(log.complaints).toEqual([]);
  }, 60_000);

  it('says that the server went amid it, copies nothing then, and all of it when it is back', async () => {
    await using log = await scene.open('long', '#L3001', ALLOWED);
    await select(log, 3_001, 15_000);
    await log.page.evaluate(() => navigator.clipboard.writeText('before'));
    let pages = 0;
    await log.page.route(PAGES, async (route) => {
      if (++pages === 3) await scene.api.kill9();
      await route.continue();
    });
    await log.page.keyboard.press('Control+c');
    await notice(
      log,
      'Not copied: the server does not answer, and not all of the lines are at hand. Copy again when it is back.',
    );
    expect(pages).toBe(3);
    expect(await log.clipboard()).toBe('before');
    await scene.api.restart();
    await log.status('Connected');
    await log.page.keyboard.press('Control+c');
    await notice(log, 'Copied 12,000 lines.');
    await mustBeCopied(log, lines(3_001, 15_000));
  }, 60_000);
});

/** What is read in order to be copied; the viewer's own pages are smaller. */
const PAGES = /\/logs\?.*limit=1000/;

const heavy = (index: number) => `${index} ${'x'.repeat(HEAVY_CHARACTERS)}`;

/** The texts of a stretch of the long log. */
function lines(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, place) => `line ${from + place}`);
}

/** Selects all of what stands from one line to another, however far away that is. */
async function select(log: LogPage, from: number, to: number): Promise<void> {
  await goTo(log, from);
  await log.restOf(from);
  await click(log, from, 'begin');
  await goTo(log, to);
  await log.restOf(to);
  await click(log, to, 'end', 'Shift');
}

/** Goes to a line by its address, as a link does. */
async function goTo(log: LogPage, line: number): Promise<void> {
  await log.page.evaluate((hash) => (location.hash = hash), `#L${line}`);
}

/** Clicks before the text of a line, or behind it. */
async function click(log: LogPage, line: number, at: 'begin' | 'end', key?: 'Shift'): Promise<void> {
  const box = await log.row(line).locator('.log-text').boundingBox();
  if (box === null) throw new Error(`line ${line} is not drawn`);
  if (key !== undefined) await log.page.keyboard.down(key);
  await log.page.mouse.click(at === 'begin' ? box.x : box.x + box.width + 2, box.y + 8);
  if (key !== undefined) await log.page.keyboard.up(key);
}

/** Keeps what is read in order to be copied waiting, until what it returns is called. */
async function holdPages(log: LogPage): Promise<() => void> {
  let goOn = (): void => undefined;
  const held = new Promise<void>((resolve) => (goOn = resolve));
  await log.page.route(PAGES, async (route) => {
    await held;
    // Whoever stopped it waits for it no longer.
    await route.continue().catch(() => undefined);
  });
  return () => goOn();
}

/** What is on the clipboard is exactly that; it may be too long to be shown. */
async function mustBeCopied(log: LogPage, expected: readonly string[]): Promise<void> {
  const copied = (await log.clipboard()).split('\n');
  expect(copied).toHaveLength(expected.length);
  const wrong = copied.findIndex((line, place) => line !== expected[place]);
  expect({ wrong, line: copied[wrong]?.slice(0, 80) }).toEqual({ wrong: -1, line: undefined });
}

/** Waits until the reader is told so. */
async function notice(log: LogPage, words: string): Promise<void> {
  await eventually(async () =>
    expect(await log.page.getByRole('status', { name: 'Copying' }).textContent()).toBe(words),
  );
}
