import { readFile } from 'node:fs/promises';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, storedEntries } from '@kubidu/testing';

import { LogScene } from '../../testing/log-page.ts';
import type { LogPage } from '../../testing/log-page.ts';

describe('Reading a log', () => {
  let scene: LogScene;
  beforeAll(async () => {
    scene = await LogScene.start();
  }, 60_000);
  afterAll(() => scene[Symbol.asyncDispose]());

  it('shows the newest lines first, and each new one as it comes', async () => {
    const service = scene.service();
    await scene.write(service, 300);
    await using log = await scene.open(service);
    await log.placeOf(300);
    await scene.write(service, 1, () => ({ message: 'just now' }));
    await log.placeOf(301);
    await log.status('301 entries');
    await log.status('Complete');
    await log.row(301).getByText('just now').waitFor();
    expect(log.complaints).toEqual([]);
  });

  it('scrolls up through everything to the first line, and never moves what is read when lines come', async () => {
    const service = scene.service();
    await scene.write(service, 5_000);
    await using log = await scene.open(service);
    await log.placeOf(5_000);
    await log.wheel(-4_000);
    await eventually(async () => !(await log.seen()).includes(5_000));
    await log.rest();
    const reading = (await log.seen())[5] as number;
    const place = await log.placeOf(reading);
    const places = await log.watch(reading);
    await scene.write(service, 500);
    await log.page.getByRole('button', { name: '500 new lines ↓' }).waitFor();
    expect(await places()).toEqual([place]);
    await log.scroller.press('g');
    await log.placeOf(1);
    await log.row(1).getByText('line 1', { exact: true }).waitFor();
    await log.page.getByRole('button', { name: /new lines ↓/ }).click();
    await log.placeOf(5_500);
  });

  it('moves by as much as one scrolls, also where that leaves the end of a long log', async () => {
    const service = scene.service();
    await scene.write(service, 6_000);
    await using log = await scene.open(service);
    await log.restOf(6_000);
    for (const [by, rows] of [
      [-3_000, 150],
      [-6_000, 300],
      [-6_000, 300],
      [3_000, -150],
    ] as const) {
      const before = (await log.seen())[0] as number;
      await log.wheel(by);
      await eventually(async () => expect((await log.seen())[0]).toBe(before - rows));
      await log.rest();
      expect((await log.seen())[0]).toBe(before - rows);
    }
  });

  it('moves by as much as one scrolls, also by more than is laid out, with one turn of a wheel that spins freely', async () => {
    const service = scene.service();
    await scene.write(service, 9_000);
    await using log = await scene.open(service);
    await log.restOf(9_000);
    for (const [by, rows] of [
      [-50_000, 2_500],
      [-60_010, 3_000.5],
      [30_000, -1_500],
    ] as const) {
      const before = await exactPlace(log);
      await log.wheel(by);
      await eventually(async () => expect(await exactPlace(log)).toBeCloseTo(before - rows, 6));
      await log.rest();
      expect(await exactPlace(log)).toBeCloseTo(before - rows, 6);
      const seen = await log.seen();
      expect(seen).toEqual(seen.map((_, place) => (seen[0] as number) + place));
    }
  });

  it('comes to the beginning and to the end by the wheel or Home and End, and follows again from there', async () => {
    const service = scene.service();
    await scene.write(service, 9_000);
    await using log = await scene.open(service);
    await log.restOf(9_000);
    await log.wheel(-1_000_000);
    expect(await log.restOf(1)).toBe(0);
    await log.wheel(1_000_000);
    await log.restOf(9_000);
    await log.page.getByRole('button', { name: 'Auto-scroll', pressed: true }).waitFor();
    await scene.write(service, 1);
    await log.placeOf(9_001);
    await log.scroller.press('Home');
    expect(await log.restOf(1)).toBe(0);
    await log.scroller.press('End');
    await log.placeOf(9_001);
  });

  it('goes where a program scrolls it to, as assistive technology does, and stays there while lines come', async () => {
    const service = scene.service();
    await scene.write(service, 9_000);
    await using log = await scene.open(service);
    await log.restOf(9_000);
    const before = await exactPlace(log);
    await log.scroller.evaluate((lines) => lines.scrollBy(0, -80_000));
    await eventually(async () => expect(await exactPlace(log)).toBeCloseTo(before - 4_000, 6));
    await log.rest();
    const reading = (await log.seen())[5] as number;
    const place = await log.placeOf(reading);
    const places = await log.watch(reading);
    await scene.write(service, 500);
    await log.page.getByRole('button', { name: '500 new lines ↓' }).waitFor();
    expect(await places()).toEqual([place]);
    await log.scroller.evaluate((lines) => (lines.scrollTop = 0));
    expect(await log.restOf(1)).toBe(0);
  });

  it('keeps a selection while lines come, and copies it without what stands before the lines', async () => {
    const service = scene.service();
    await scene.write(service, 200, (place) => ({ message: `say \u001b[31m${place + 1}\u001b[0m`, level: 'INFO' }));
    await using log = await scene.open(service, '', {
      context: { permissions: ['clipboard-read', 'clipboard-write'] },
    });
    await log.restOf(200);
    const seen = await log.seen();
    const [from, to] = [seen.at(-8) as number, seen.at(-5) as number];
    const [start, end] = [log.row(from).locator('.log-text'), log.row(to).locator('.log-text')];
    const [a, b] = [await start.boundingBox(), await end.boundingBox()];
    if (a === null || b === null) throw new Error('the rows are not drawn');
    await log.page.mouse.move(a.x, a.y + 8);
    await log.page.mouse.down();
    await log.page.mouse.move(b.x + b.width + 2, b.y + 8, { steps: 5 });
    await log.page.mouse.up();
    const place = await log.placeOf(from);
    const places = await log.watch(from);
    await scene.write(service, 300);
    await log.page.getByRole('button', { name: '300 new lines ↓' }).waitFor();
    expect(await places()).toEqual([place]);
    await log.page.keyboard.press('Control+c');
    const copied = [0, 1, 2, 3].map((more) => `say ${from + more}`).join('\n');
    await eventually(async () => expect(await log.clipboard()).toBe(copied));
  });

  it('pauses with the space bar, says how many lines wait, and goes on', async () => {
    const service = scene.service();
    await scene.write(service, 100);
    await using log = await scene.open(service);
    await log.placeOf(100);
    await log.page.keyboard.press('Space');
    await log.status('Paused, 0 waiting');
    await scene.write(service, 40);
    await log.status('Paused, 40 waiting');
    expect((await log.seen()).at(-1)).toBe(100);
    await log.page.keyboard.press('Space');
    await log.placeOf(140);
  });

  it('opens a link to a line with it in the middle, and makes one on a click', async () => {
    const service = scene.service();
    await scene.write(service, 4_000);
    await using log = await scene.open(service, '#L1234');
    const place = await log.restOf(1_234);
    const height = (await log.scroller.boundingBox())?.height ?? 0;
    expect(Math.abs(place + 10 - height / 2)).toBeLessThan(40);
    const places = await log.watch(1_234);
    await log.row(1_236).locator('a.log-index').click();
    await log.row(1_236).locator('.log-pointed').waitFor();
    await eventually(() => log.page.url().endsWith('#L1236'));
    await log.rest();
    expect(await places()).toEqual([place]);
  });

  it('opens a link to a line with it in the middle also where the lines around it wrap', async () => {
    const service = scene.service();
    await scene.write(service, 2_000, (place) => ({ message: `${place} ${'word '.repeat((place * 7) % 90)}` }));
    await using log = await scene.open(service, '?wrap=on#L1000');
    await log.rest();
    const height = (await log.scroller.boundingBox())?.height ?? 0;
    expect(Math.abs((await log.placeOf(1_000)) + 30 - height / 2)).toBeLessThan(60);
  });

  it('shows only what matches, keeps the place, and opens a match in its context with one key', async () => {
    const service = scene.service();
    const messages = (place: number) => ({ message: place % 50 === 0 ? `boom ${place}` : `fine ${place}` });
    await scene.write(service, 3_000, messages);
    await using log = await scene.open(service);
    await log.placeOf(3_000);
    await log.page.keyboard.press('/');
    await log.page.keyboard.type('boom');
    await log.page.getByText('60 found').waitFor();
    await log.page.getByText('Searched everything, 60 matches').waitFor();
    await log.page.keyboard.press('Enter');
    await log.page.getByText('60 of 60').waitFor();
    await log.page.getByRole('button', { name: 'Only matches' }).click();
    await log.status('60 of 3,000 entries');
    await log.scroller.focus();
    await log.page.keyboard.press('N');
    await log.page.getByText('59 of 60').waitFor();
    await log.page.keyboard.press('c');
    await log.status('3,000 entries');
    await log.placeOf(2_901);
    await log.placeOf(2_902);
    await eventually(() => new URL(log.page.url()).searchParams.get('q') === 'boom');
  });

  it('filters by level and by pod, with counts', async () => {
    const service = scene.service();
    const levels = ['INFO', 'WARN', 'ERROR'] as const;
    await scene.write(service, 90, (place) => ({
      level: levels[place % 3]!,
      podName: `web-${place % 2}`,
      container: 'app',
    }));
    await using log = await scene.open(service);
    await log.placeOf(90);
    const level = log.page.getByRole('combobox', { name: 'Level' });
    await level.locator('option[value=WARN]', { hasText: 'WARN and above (60)' }).waitFor({ state: 'attached' });
    await level.selectOption('ERROR');
    await log.status('30 of 90 entries');
    await log.page.getByRole('button', { name: 'Pods' }).click();
    await log.page.getByLabel(/web-1/).click();
    await log.status('15 of 90 entries');
    await log.page.keyboard.press('Escape');
    await eventually(() => log.page.url().endsWith('?pod=web-1&level=error'));
    await log.page.reload();
    await log.status('15 of 90 entries');
  });

  it('works by keyboard alone: search, next, before, ends, help', async () => {
    const service = scene.service();
    await scene.write(service, 1_000, (place) => ({ message: place % 100 === 10 ? 'here' : 'there'.slice(0, 3) }));
    await using log = await scene.open(service);
    await log.placeOf(1_000);
    await log.page.keyboard.press('Control+f');
    await eventually(() => log.search.evaluate((field) => field === document.activeElement));
    await log.page.keyboard.type('here');
    await log.page.getByText('10 found').waitFor();
    await log.page.keyboard.press('Enter');
    await log.placeOf(911);
    await log.page.keyboard.press('Enter');
    await log.placeOf(811);
    await log.page.keyboard.press('Escape');
    await eventually(async () => (await log.search.inputValue()) === '');
    await log.page.keyboard.press('g');
    await log.placeOf(1);
    await log.page.keyboard.press('Shift+G');
    await log.placeOf(1_000);
    await log.page.keyboard.press('?');
    await log.page.getByRole('dialog', { name: 'Keys' }).waitFor();
    await log.page.keyboard.press('Escape');
    await log.page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  it.each(['log', 'ndjson'] as const)('saves everything as .%s, byte by byte', async (format) => {
    const service = scene.service();
    await scene.write(service, 2_500, (place) => ({ message: `é ${place}` }));
    await using log = await scene.open(service);
    await log.placeOf(2_500);
    await log.page.getByRole('button', { name: 'Download' }).click();
    const [download] = await Promise.all([
      log.page.waitForEvent('download'),
      log.page.getByRole('button', { name: new RegExp(`^Everything.*\\.${format}\\)`) }).click(),
    ]);
    const saved = await readFile(await download.path(), 'utf8');
    const served = await fetch(`${scene.api.url}/api/services/${service}/logs/download?format=${format}`);
    expect(saved).toBe(await served.text());
    const { entries } = await storedEntries(scene.api.url, `runtime:${service}`);
    expect(entries).toHaveLength(2_500);
    expect(saved).toBe(
      entries
        .map((entry) => (format === 'log' ? `${entry.timestamp} ${entry.message}` : JSON.stringify(entry)))
        .map((line) => `${line}\n`)
        .join(''),
    );
  });

  it('lets hostile lines change nothing but their row', async () => {
    const service = scene.service();
    const hostile = [
      '<img src=x onerror="document.title=1"><script>document.title=2</script>',
      '[a](javascript:alert(1)) javascript:alert(1)',
      '\u001b]0;title\u0007\u001b[2J\u001b[10;10H\u001b[?1049h gone?',
      '\u202Eright to left\u202C \u2066isolated\u2069',
      `zero\u200Bwidth${'\u0301'.repeat(500)}`,
      'x'.repeat(250 * 1024),
    ];
    await scene.write(service, 30 + hostile.length, (place) => ({ message: hostile[place - 30] ?? `fine ${place}` }));
    await using log = await scene.open(service);
    await log.placeOf(36);
    expect(await log.page.title()).not.toMatch(/^[12]$/);
    expect(await log.page.locator('.log-scroller img, .log-scroller script').count()).toBe(0);
    const heights = await log.page.evaluate(() =>
      [...document.querySelectorAll('.log-place')].map((row) => row.getBoundingClientRect().height),
    );
    expect(new Set(heights)).toEqual(new Set([20]));
    expect(log.complaints).toEqual([]);
  });

  it('folds a stack trace under its first line until somebody opens it', async () => {
    const service = scene.service();
    const trace = ['Error: boom', '    at a (a.js:1:1)', '    at b (b.js:2:2)', '    at c (c.js:3:3)'];
    await scene.write(service, 50, (place) => ({ message: trace[place - 40] ?? `fine ${place}`, stream: 'stderr' }));
    await using log = await scene.open(service);
    await log.placeOf(50);
    await log.row(42).waitFor({ state: 'detached' });
    await eventually(async () => (await log.placeOf(45)) - (await log.placeOf(41)) === 20);
    await log.row(41).getByRole('button', { name: 'show trace (3 lines)' }).click();
    await eventually(async () => (await log.placeOf(45)) - (await log.placeOf(41)) === 80);
    await log.row(41).getByRole('button', { name: 'hide trace (3 lines)' }).click();
    await eventually(async () => (await log.placeOf(45)) - (await log.placeOf(41)) === 20);
  });

  it('keeps the line that is read when lines begin to wrap', async () => {
    const service = scene.service();
    await scene.write(service, 2_000, (place) => ({ message: `${place} ${'word '.repeat((place * 7) % 90)}` }));
    await using log = await scene.open(service, '#L1000');
    await log.placeOf(1_000);
    await log.page.keyboard.press('w');
    const height = (await log.scroller.boundingBox())?.height ?? 0;
    await eventually(async () => Math.abs((await log.placeOf(1_000)) - height / 2) < 80);
    for (const by of [-3_000, -3_000, 2_000]) await log.wheel(by);
    await eventually(async () => !(await log.seen()).includes(1_000));
    await log.rest();
    const seen = await log.seen();
    expect(seen.length).toBeGreaterThan(3);
    expect(seen).toEqual(seen.map((_, place) => (seen[0] as number) + place));
  });
});

/** How many rows lie above the upper edge, the part of one that does included; not a number while none is drawn there. */
function exactPlace(log: LogPage): Promise<number> {
  return log.page.evaluate(() => {
    const edge = document.querySelector('.log-scroller')?.getBoundingClientRect().top ?? Number.NaN;
    const row = [...document.querySelectorAll('[data-entry]')].find((one) => {
      const { top, bottom } = one.getBoundingClientRect();
      return top <= edge && bottom > edge;
    });
    if (row === undefined) return Number.NaN;
    return Number(row.getAttribute('data-entry')) - 1 + (edge - row.getBoundingClientRect().top) / 20;
  });
}
