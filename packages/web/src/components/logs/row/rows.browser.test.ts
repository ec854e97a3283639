import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@kubidu/testing';
import { RealBrowser } from '@kubidu/testing/real-browser';
import type { OpenedPage } from '@kubidu/testing/real-browser';

import { GalleryServer } from '../../../testing/gallery-server.ts';

type Page = Awaited<ReturnType<RealBrowser['open']>>;
type Locator = ReturnType<Page['locator']>;

const LINE = 20;

describe('rows in a browser', () => {
  let gallery: GalleryServer;
  let browser: RealBrowser;
  /** For those that only look. */
  let seen: { page: Page; refused: string[] };
  beforeAll(async () => {
    gallery = await GalleryServer.start();
    browser = await RealBrowser.start();
    seen = await open({ height: 2_000 });
  });
  afterAll(async () => {
    await browser[Symbol.asyncDispose]();
    await gallery[Symbol.asyncDispose]();
  });

  /** The gallery, and what it did that it may not. */
  async function open({ theme = 'dark', ...size }: OpenedPage = {}): Promise<{ page: Page; refused: string[] }> {
    const page = await browser.open({ theme, ...size });
    const refused: string[] = [];
    page.on('console', (message) => message.type() !== 'debug' && refused.push(message.text()));
    page.on('pageerror', (error) => refused.push(String(error)));
    page.on('dialog', (dialog) => refused.push(dialog.message()));
    page.on('request', (request) => request.url().startsWith(gallery.url) || refused.push(request.url()));
    await page.goto(`${gallery.url}?theme=${theme}`);
    await page.locator('.log-row').first().waitFor();
    return { page, refused };
  }

  const section = (page: Page, name: string): Locator => page.getByRole('region', { name, exact: true });

  it('are one line high, whatever the line is', async () => {
    const { page } = seen;
    const heights = await page.evaluate(() =>
      [...document.querySelectorAll('.log-row:not(.log-wrap, .log-open), .log-divider')].map(
        (row) => row.getBoundingClientRect().height,
      ),
    );
    expect(heights.length).toBeGreaterThan(40);
    expect(heights.filter((height) => height !== LINE)).toEqual([]);
  });

  it('run, load and call nothing of a hostile line, and break no policy', async () => {
    const { page, refused } = seen;
    const hostile = section(page, 'Hostile lines');
    expect(await hostile.locator('img, script, iframe, style, a:not(.log-index)').count()).toBe(0);
    expect(await hostile.locator('.log-text').first().textContent()).toContain('<img src=x onerror=');
    expect(await page.title()).toBe('Rows of a log');
    expect(refused).toEqual([]);
  });

  it('leave every other row as it is, whatever a line holds', async () => {
    const { page } = await open();
    const rows = section(page, 'Hostile lines').locator('.log-row');
    await page.mouse.move(0, 0);
    for (let at = 0; at < (await rows.count()); at++) {
      const beside = [rows.nth(at - 1), rows.nth(at + 1)].filter((_, side) => (side === 0 ? at > 0 : true));
      const before = await Promise.all(beside.map(pictureOf));
      await rows
        .nth(at)
        .locator('.log-text')
        .evaluate((text) => (text as HTMLElement).style.setProperty('display', 'none'));
      const after = await Promise.all(beside.map(pictureOf));
      expect(after.map((picture, side) => picture === before[side])).toEqual(before.map(() => true));
    }
  });

  async function pictureOf(row: Locator): Promise<string> {
    return (await row.count()) === 0 ? '' : (await row.screenshot()).toString('base64');
  }

  it('have true colours under a policy without inline styles', async () => {
    const { page } = seen;
    const colour = await page
      .locator('.ansi-on')
      .first()
      .evaluate((span) => [getComputedStyle(span).backgroundColor, span.getAttribute('style')]);
    expect(colour).toEqual(['rgb(127, 242, 31)', '--ansi-bg: #7ff21f;']);
  });

  it('keep the direction of a line within it', async () => {
    const { page } = seen;
    const row = section(page, 'Hostile lines').locator('.log-row').nth(2);
    expect(await row.getByRole('img', { name: 'right-to-left override, U+202E' }).count()).toBe(1);
    const [time, text] = await Promise.all([
      row.locator('.log-time').boundingBox(),
      row.locator('.log-text').boundingBox(),
    ]);
    expect((time?.x ?? 0) + (time?.width ?? 0)).toBeLessThan(text?.x ?? 0);
    expect(await row.locator('.log-text').evaluate((one) => getComputedStyle(one).unicodeBidi)).toBe('isolate');
  });

  it('show all of a line of 256 KiB when asked to, and less again', async () => {
    const { page } = await open();
    const row = section(page, 'Long lines').locator('.log-row').nth(1);
    const hasCharacters = (count: number) =>
      eventually(async () => (await row.locator('.log-text').textContent())?.length === count);
    await hasCharacters(4_096);
    await row.getByRole('button', { name: 'show whole line (254 KiB)' }).click();
    await hasCharacters(260_010);
    const box = await row.boundingBox();
    expect(box?.width).toBeLessThanOrEqual(1_440);
    await row.getByRole('button', { name: 'show less' }).click();
    await eventually(async () => (await row.boundingBox())?.height === LINE);
  });

  it('have a tree of fields for the keyboard alone, whose values filter', async () => {
    const { page } = await open();
    const fields = section(page, 'Fields');
    const toggle = fields.getByRole('button', { name: /^Fields of line/ }).nth(1);
    await toggle.focus();
    await page.keyboard.press('Enter');
    await eventually(async () => (await toggle.getAttribute('aria-expanded')) === 'true');
    await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByText('Filter: msg:"request done"').waitFor();
    const first = fields.getByRole('tree').first();
    const lines = await first.getByRole('treeitem').count();
    await first.getByRole('treeitem', { name: 'http' }).focus();
    await page.keyboard.press('ArrowLeft');
    await eventually(async () => (await first.getByRole('treeitem').count()) === lines - 3);
    await first.getByText('42', { exact: true }).click();
    await page.getByText('Filter: userId:42').waitFor();
  });

  it('fold a stack trace under the line that says what happened, and unfold it', async () => {
    const { page } = await open();
    const traces = section(page, 'Stack traces');
    const hasRows = (count: number) => eventually(async () => (await traces.locator('.log-row').count()) === count);
    await hasRows(7);
    await traces.getByRole('button', { name: 'show trace (2 lines)' }).click();
    await hasRows(9);
    await traces.getByRole('button', { name: 'hide trace (4 lines)' }).click();
    await hasRows(5);
  });

  it.each([
    { theme: 'dark', width: 1_440 },
    { theme: 'light', width: 1_440 },
    { theme: 'dark', width: 390 },
  ] as const)('look as they did, without a fault that axe finds, $theme at $width px', async ({ theme, width }) => {
    const { page, refused } = theme === 'dark' && width === 1_440 ? seen : await open({ theme, width, height: 2_000 });
    await browser.picture(page, `rows-${theme}-${width}`);
    expect(await looks(page)).toMatchSnapshot();
    expect(await browser.faults(page)).toEqual([]);
    expect(refused).toEqual([]);
  });
});

/**
 * How rows look, but for their fonts, which are another's on every machine: heights, colours, weights and the text that has
 * them. Runs in the page.
 */
function looks(page: Page): Promise<string> {
  return page.evaluate(() => {
    const hex = (colour: string): string => {
      const canvas = document.createElement('canvas').getContext('2d');
      if (!canvas || colour === 'rgba(0, 0, 0, 0)') return '';
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
      return [...canvas.getImageData(0, 0, 1, 1).data]
        .map((part) => part.toString(16).padStart(2, '0'))
        .join('')
        .slice(0, 6);
    };
    const piece = (node: Text): string => {
      const parent = node.parentElement ?? document.body;
      const style = getComputedStyle(parent);
      const shown = (node.data.length > 24 ? `${node.data.slice(0, 24)}…` : node.data).replaceAll(
        /[^\x20-\x7e…·–●→]/g,
        '?',
      );
      const ground = hex(style.backgroundColor);
      return `${hex(style.color)}${ground && `/${ground}`}${style.fontWeight === '700' ? '*' : ''} ${shown}`;
    };
    const row = (element: Element): string => {
      const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
      const pieces: string[] = [];
      while (texts.nextNode() && pieces.length < 12) pieces.push(piece(texts.currentNode as Text));
      const style = getComputedStyle(element);
      const ground = hex(style.backgroundColor);
      const height = element.matches('.log-wrap, .log-open') ? 'open' : element.getBoundingClientRect().height;
      return `${height} ${hex(style.borderLeftColor)}${ground && `/${ground}`} | ${pieces.join(' | ')}`;
    };
    return `\n${[...document.querySelectorAll('.log-row, .log-divider')].map(row).join('\n')}\n`;
  });
}
