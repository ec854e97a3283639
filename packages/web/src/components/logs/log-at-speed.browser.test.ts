import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, pace } from '@kubidu/testing';
import { PreparedData } from '@kubidu/testing/prepared-data';

import { LogScene } from '../../testing/log-page.ts';
import type { LogPage } from '../../testing/log-page.ts';
import { Smoothness } from '../../testing/smoothness.ts';

const LONG = process.env['KUBIDU_TEST_LONG'] !== undefined;
const ENTRIES = LONG ? 1_000_000 : 60_000;
/** How long lines arrive while one scrolls, and while one follows the end. */
const SCROLLED_MS = LONG ? 60_000 : 2_000;
const FOLLOWED_MS = LONG ? 29 * 60_000 : 2_500;
/** How much of the log is read by scrolling, and how far at once: 500 rows, so that no page is passed over. */
const SCROLLED_ROWS = LONG ? ENTRIES : 5_000;
const STEP_PX = 10_000;
const RATE = 5_000;
const LOADED = 100_000;
/** Room for all that is written: what is read here is not to be gone meanwhile. */
const HOT_BYTES = 8 * 1024 ** 3;
const SERVICE = 'busy';

/** What is said here of times is said of the long form: a machine that runs other tests beside this one is slower. */
describe('A log that is long and grows fast', () => {
  let data: PreparedData;
  let scene: LogScene;
  let last = ENTRIES;
  beforeAll(async () => {
    const entries = Array.from({ length: ENTRIES }, (_, place) => ({
      timestamp: new Date(Date.UTC(2026, 10, 20) + place * 100).toISOString(),
      message: `{"msg":"request ${place + 1} done","status":200,"path":"/api/orders/${place}","trace":"0123456789abcdef"}`,
      level: (['INFO', 'WARN', 'ERROR'] as const)[place % 3] as 'INFO',
      podName: `busy-${place % 3}`,
      container: 'app',
    }));
    data = await PreparedData.create([{ stream: `runtime:${SERVICE}`, entries }], [], HOT_BYTES);
    scene = await LogScene.start({ env: { KUBIDU_DATA_DIR: data.folder, KUBIDU_HOT_BYTES: String(HOT_BYTES) } });
  }, 300_000);
  afterAll(async () => {
    await scene[Symbol.asyncDispose]();
    await data[Symbol.asyncDispose]();
  });

  it('shows its first lines within a second of its page being opened, with nothing in the cache', async () => {
    await using log = await scene.visit(
      `/services/${SERVICE}`,
      {},
      async ({ page }) => void (await page.addInitScript(noteFirstLine)),
    );
    await log.placeOf(last);
    const firstLineMs = await eventually(() => log.page.evaluate(() => window.firstLineMs ?? false));
    say(`first line after ${Math.round(firstLineMs)} ms`);
    if (LONG) expect(firstLineMs).toBeLessThan(1_000);
  });

  it('reaches every row, by the rail and by scrolling, and never lays out more than a browser can', async () => {
    await using log = await scene.open(SERVICE);
    await log.placeOf(last);
    for (const part of [0, 0.3, 0.7, 0.97]) {
      const rail = await log.page.getByRole('scrollbar').boundingBox();
      if (rail === null) throw new Error('the rail is not drawn');
      await log.page.mouse.click(rail.x + 7, rail.y + rail.height * part + 1);
      await eventually(async () => expect(Math.abs(((await log.seen())[0] ?? 0) / last - part)).toBeLessThan(0.01));
      await mustBeInOrder(log);
      // The rows of a million lines would be 20 million pixels tall; Chromium lays out 16.7 million.
      expect(await log.scroller.evaluate(({ scrollHeight }) => scrollHeight)).toBeLessThan(16_000_000);
    }
    await log.page.keyboard.press('Shift+G');
    await log.placeOf(last);
    await scrollUp(log, last - SCROLLED_ROWS);
    expect(await log.page.locator('.log-place').count()).toBeLessThan(120);
    expect(log.complaints).toEqual([]);
  }, 900_000);

  it(
    'is smooth while lines arrive, whether one scrolls or follows, and holds little memory',
    async () => {
      await using log = await scene.open(SERVICE);
      await log.placeOf(last);
      const stop = new AbortController();
      const writing = write(stop.signal);
      const scrolled = await Smoothness.measure(log.page, async () => {
        const until = Date.now() + SCROLLED_MS;
        while (Date.now() < until) {
          for (const by of [-700, -700, -700, 300]) await log.wheel(by);
        }
      });
      await log.page.keyboard.press('Shift+G');
      const followed = await Smoothness.measure(log.page, () => pace(FOLLOWED_MS));
      stop.abort();
      const { written, perSecond } = await writing;
      last += written;
      await log.status(`${last.toLocaleString('en')} entries`);
      await log.placeOf(last);
      await log.status('Complete');
      const rows = await log.page.locator('.log-place').count();
      const heap = await heapOf(log);
      say(`${perSecond} lines/s; scrolled ${scrolled.words}; followed ${followed.words}; ${rows} rows; heap ${heap}`);
      expect(rows).toBeLessThan(120);
      expect(heap).toBeLessThan(300e6);
      expect(log.complaints).toEqual([]);
      if (!LONG) return;
      expect(perSecond).toBeGreaterThan(RATE * 0.95);
      for (const { framesPerSecond, longestTaskMs } of [scrolled, followed]) {
        expect(framesPerSecond).toBeGreaterThanOrEqual(55);
        expect(longestTaskMs).toBeLessThanOrEqual(100);
      }
    },
    SCROLLED_MS + FOLLOWED_MS + 120_000,
  );

  it('answers what one types in its search at once, with many lines at hand', async () => {
    await using log = await scene.open(SERVICE);
    await log.placeOf(last);
    const atHand = LONG ? LOADED : 3_000;
    await scrollUp(log, last - atHand - 1_000);
    const counted = log.page.getByRole('combobox', { name: 'Level' }).locator('option[value=TRACE]');
    await eventually(async () =>
      expect(Number((await counted.textContent())?.replaceAll(/\D/g, ''))).toBeGreaterThanOrEqual(atHand),
    );
    await log.search.focus();
    const answers = await log.page.evaluateHandle(noteAnswers);
    for (const letter of 'line') {
      const before = await answers.evaluate(({ length }) => length);
      await log.page.keyboard.press(letter);
      await eventually(async () => (await answers.evaluate(({ length }) => length)) > before);
    }
    const ms = await answers.evaluate((all) => all.map(Math.round));
    say(`answers to typing, in ms: ${ms.join(', ')}`);
    if (LONG) expect(Math.max(...ms)).toBeLessThan(50);
  }, 300_000);

  /** Reads up to a line by the wheel, past no page, and looks at each screen on the way. */
  async function scrollUp(log: LogPage, to: number): Promise<void> {
    const target = Math.max(1, to);
    for (let [first = last] = await log.seen(); first > target;) {
      const before = first;
      await log.wheel(-STEP_PX);
      await eventually(async () => {
        first = (await log.seen())[0] ?? before;
        return first < before && (await log.page.locator('.log-absent').count()) === 0;
      });
      const seen = await log.seen();
      expect(seen).toEqual(seen.map((_, place) => (seen[0] as number) + place));
    }
  }

  /** Writes lines at the rate, and resolves with how many they were, and how many a second. */
  async function write(signal: AbortSignal): Promise<{ written: number; perSecond: number }> {
    const began = performance.now();
    let written = 0;
    while (!signal.aborted) {
      const due = Math.floor(((performance.now() - began) * RATE) / 1_000) - written;
      if (due < 200) {
        await pace(20);
        continue;
      }
      const count = Math.min(1_000, due);
      await scene.write(SERVICE, count, () => ({ level: 'INFO' }));
      written += count;
    }
    return { written, perSecond: Math.round((written * 1_000) / (performance.now() - began)) };
  }
});

declare global {
  interface Window {
    firstLineMs?: number;
  }
}

/** Runs in the page, before its own scripts: when the first line stood there, in milliseconds after it was opened. */
function noteFirstLine(): void {
  const look = () => {
    if (document.querySelector('[data-entry] .log-text') === null) requestAnimationFrame(look);
    else window.firstLineMs = performance.now();
  };
  requestAnimationFrame(look);
}

/** Runs in the page: from each letter to the frame that shows what it found, in milliseconds. */
function noteAnswers(): number[] {
  const answers: number[] = [];
  document.addEventListener(
    'input',
    ({ timeStamp, target }) => {
      const query = (target as HTMLInputElement).value;
      const look = () => {
        const isAnswered = /^[1-9][\d,]*\+? found$/.test(document.querySelector('.log-found')?.textContent ?? '');
        const isMarked = [...document.querySelectorAll('mark')].some(({ textContent }) => textContent === query);
        if (isAnswered && isMarked) answers.push(performance.now() - timeStamp);
        else requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    },
    { capture: true },
  );
  return answers;
}

async function mustBeInOrder(log: LogPage): Promise<void> {
  await log.rest();
  const seen = await log.seen();
  expect(seen.length).toBeGreaterThan(10);
  expect(seen).toEqual(seen.map((_, place) => (seen[0] as number) + place));
}

/** Bytes of the heap after what is not needed was let go. */
async function heapOf(log: LogPage): Promise<number> {
  const devtools = await log.page.context().newCDPSession(log.page);
  await devtools.send('HeapProfiler.collectGarbage');
  const { usedSize } = await devtools.send('Runtime.getHeapUsage');
  await devtools.detach();
  return usedSize;
}

function say(words: string): void {
  process.stderr.write(`${words}\n`);
}
