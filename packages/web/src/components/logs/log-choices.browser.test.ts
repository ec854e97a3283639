import { readFile } from 'node:fs/promises';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, storedEntries } from '@kubidu/testing';

import { LogScene } from '../../testing/log-page.ts';
import type { LogPage } from '../../testing/log-page.ts';

const LEVELS = ['INFO', 'WARN', 'ERROR'] as const;

describe('What one chooses of a log', () => {
  let scene: LogScene;
  beforeAll(async () => {
    scene = await LogScene.start();
  }, 60_000);
  afterAll(() => scene[Symbol.asyncDispose]());

  /** Lines of three levels, two pods and two containers. */
  async function mixedLines(count: number): Promise<string> {
    const service = scene.service();
    await scene.write(service, count, (place) => ({
      message: `\u001b[32mé ${place + 1}\u001b[0m`,
      level: LEVELS[place % 3]!,
      podName: `web-${place % 2}`,
      container: place % 5 === 0 ? 'proxy' : 'app',
    }));
    return service;
  }

  it('is only the lines of a container, with how many each has, and the link says so', async () => {
    const service = await mixedLines(100);
    await using log = await scene.open(service);
    await log.placeOf(100);
    await log.page.getByRole('button', { name: 'Containers' }).click();
    await log.page.getByLabel('app').and(log.page.getByLabel('80')).waitFor();
    await log.page.getByLabel(/proxy/).click();
    await log.status('20 of 100 entries');
    await eventually(() => log.page.url().endsWith('?container=proxy'));
    await log.page.reload();
    await log.status('20 of 100 entries');
    await eventually(async () => expect((await log.seen()).slice(-3)).toEqual([86, 91, 96]));
    await log.page.getByRole('button', { name: 'Containers: 1' }).click();
    await log.page.getByRole('button', { name: 'All containers' }).click();
    await log.status('100 entries');
  });

  it('is the end or the place where one is, by the button for it or by scrolling', async () => {
    const service = await mixedLines(200);
    await using log = await scene.open(service);
    await log.placeOf(200);
    const following = (pressed: boolean) => log.page.getByRole('button', { name: 'Auto-scroll', pressed });
    await following(true).click();
    await following(false).waitFor();
    await log.rest();
    const places = await log.watch(200);
    await scene.write(service, 100);
    await log.page.getByRole('button', { name: '100 new lines ↓' }).waitFor();
    expect(await places()).toHaveLength(1);
    await following(false).click();
    await log.placeOf(300);
    await log.wheel(-1_000);
    await following(false).waitFor();
    await log.wheel(3_000);
    await following(true).waitFor();
    await scene.write(service, 1);
    await log.placeOf(301);
  });

  it('is how the time of each line is written', async () => {
    const service = await mixedLines(30);
    await using log = await scene.open(service);
    const times = log.page.getByRole('combobox', { name: 'Timestamps' });
    const time = log.row(30).locator('.log-time');
    await time.getByText('11-20 13:00:02.900').waitFor();
    await times.selectOption('UTC');
    await time.getByText('11-20 12:00:02.900').waitFor();
    await times.selectOption('Age');
    await time.getByText(/^\d+d( ago)?$/).waitFor();
    await times.selectOption('No times');
    await time.waitFor({ state: 'detached' });
    await eventually(() => log.page.url().endsWith('?time=off'));
  });

  it('is a stretch of time, by dragging over the histogram, until one leaves it', async () => {
    const service = await mixedLines(400);
    await using log = await scene.open(service);
    await log.placeOf(400);
    const box = await log.page.locator('.log-histogram').boundingBox();
    if (box === null) throw new Error('the histogram is not drawn');
    await log.page.mouse.move(box.x + box.width * 0.5, box.y + 10);
    await log.page.mouse.down();
    await log.page.mouse.move(box.x + box.width * 0.25, box.y + 10, { steps: 4 });
    await log.page.locator('.log-brush').waitFor();
    await log.page.mouse.up();
    const words = log.page.getByText(/^Only lines \d+ to \d+/);
    await words.waitFor();
    const [from, to] = [...(await words.innerText()).matchAll(/\d+/g)].map(([number]) => Number(number));
    expect(Math.abs((from as number) - 101)).toBeLessThan(5);
    expect(Math.abs((to as number) - 200)).toBeLessThan(5);
    await log.status(`${(to as number) - (from as number) + 1} of 400 entries`);
    await log.placeOf(to as number);
    expect((await log.seen()).every((line) => line >= (from as number) && line <= (to as number))).toBe(true);
    await log.page.getByRole('button', { name: 'Show all' }).click();
    await log.status('400 entries');
  });

  it.each(['log', 'ndjson'] as const)('is what is saved as .%s, byte by byte', async (format) => {
    const service = await mixedLines(1_200);
    await using log = await scene.open(service, '?pod=web-1&level=warn&from=7&to=1100');
    await log.status('entries');
    await log.page.getByRole('button', { name: 'Download' }).click();
    const [download] = await Promise.all([
      log.page.waitForEvent('download'),
      log.page.getByRole('button', { name: new RegExp(`^What is shown.*\\.${format}\\)`) }).click(),
    ]);
    const saved = await readFile(await download.path(), 'utf8');
    const { entries } = await storedEntries(scene.api.url, `runtime:${service}`);
    const shown = entries.filter(
      ({ index, podName, level }) => podName === 'web-1' && level !== 'INFO' && index >= 7 && index <= 1_100,
    );
    expect(shown).toHaveLength(365);
    const lines = shown.map((entry) =>
      format === 'log' ? `${entry.timestamp} web-1 ${entry.container} ${entry.message}` : JSON.stringify(entry),
    );
    expect(saved).toBe(lines.map((line) => `${line}\n`).join(''));
    expect(download.suggestedFilename()).toBe(`runtime-${service}.${format}`);
  });

  it('is what is copied with times and pods, when asked for', async () => {
    const service = await mixedLines(60);
    await using log = await scene.open(service, '', {
      context: { permissions: ['clipboard-read', 'clipboard-write'] },
    });
    await log.restOf(60);
    await select(log, 57, 59);
    await log.page.getByRole('button', { name: 'Download' }).click();
    await log.page.getByRole('button', { name: 'Copy selection with times and pods' }).click();
    await eventually(async () =>
      expect(await log.clipboard()).toBe(
        [
          '2026-11-20T12:00:05.600Z web-0/app ERROR é 57',
          '2026-11-20T12:00:05.700Z web-1/app INFO é 58',
          '2026-11-20T12:00:05.800Z web-0/app WARN é 59',
        ].join('\n'),
      ),
    );
  });
});

/** Selects from the beginning of one line to the end of another, with the mouse. */
async function select(log: LogPage, from: number, to: number): Promise<void> {
  const [start, end] = [log.row(from).locator('.log-text'), log.row(to).locator('.log-text')];
  const [a, b] = [await start.boundingBox(), await end.boundingBox()];
  if (a === null || b === null) throw new Error('the rows are not drawn');
  await log.page.mouse.move(a.x, a.y + 8);
  await log.page.mouse.down();
  await log.page.mouse.move(b.x + b.width + 2, b.y + 8, { steps: 5 });
  await log.page.mouse.up();
}
