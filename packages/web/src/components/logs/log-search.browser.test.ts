import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { LogScene } from '../../testing/log-page.ts';

/** Bytes a second of a line on which an answer of some hundred kilobytes takes its time. */
const SLOW_LINE = 40_000;

describe('Searching a log', () => {
  let scene: LogScene;
  beforeAll(async () => {
    scene = await LogScene.start();
  }, 60_000);
  afterAll(() => scene[Symbol.asyncDispose]());

  it('finds what is at hand at once, says how far back it came, stops when told to, and goes on', async () => {
    const service = scene.service();
    await scene.write(service, 6_000, (place) => ({ message: place % 2 === 0 ? `boom ${'.'.repeat(200)}` : 'fine' }));
    await using log = await scene.open(service);
    await log.placeOf(6_000);
    const devtools = await log.page.context().newCDPSession(log.page);
    const network = (downloadThroughput: number) =>
      devtools.send('Network.emulateNetworkConditions', {
        offline: false,
        latency: 0,
        uploadThroughput: -1,
        downloadThroughput,
      });
    await network(SLOW_LINE);
    await log.page.keyboard.press('/');
    await log.page.keyboard.type('boom');
    await log.page.getByText(/^\d{3}\+ found$/).waitFor();
    const progress = log.page.getByText(/Searching: searched back to 20 Nov 13:0\d, [\d,]+ matches/);
    await progress.waitFor();
    await log.page.getByRole('button', { name: 'Stop' }).click();
    const stopped = log.page.getByText(/Stopped: searched back to 20 Nov 13:0\d, [\d,]+ matches/);
    await stopped.waitFor();
    const found = Number(/([\d,]+) matches/.exec(await stopped.innerText())?.[1]?.replaceAll(',', ''));
    expect(found).toBeGreaterThanOrEqual(250);
    expect(found).toBeLessThan(3_000);
    await network(-1);
    await log.page.getByRole('button', { name: 'Go on' }).click();
    await log.page.getByText('Searched everything, 3,000 matches').waitFor();
    await log.page.getByText('3,000 found').waitFor();
    await log.page.keyboard.press('Shift+N');
    await log.page.getByText('3,000 of 3,000').waitFor();
    expect(log.complaints).toEqual([]);
  });

  it('marks each place in the lines, and says what a query lacks while leaving the lines as they are', async () => {
    const service = scene.service();
    await scene.write(service, 30, (place) => ({ message: place === 20 ? 'Boom and boom' : `line ${place + 1}` }));
    await using log = await scene.open(service, '?q=boom');
    const marks = log.page.locator('mark');
    for (const word of ['Boom', 'boom']) await log.row(21).getByText(word, { exact: true }).and(marks).waitFor();
    await log.search.fill('boom AND (');
    await log.page.getByRole('alert').waitFor();
    await log.placeOf(30);
    await log.search.fill('');
    await marks.waitFor({ state: 'detached' });
  });
});
