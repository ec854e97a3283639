import type { Page } from '@kubidu/testing/real-browser';

/**
 * What one sees of a page, but for what fonts decide: every text that nothing covers, from above, with its colour and
 * ground, in hexadecimal, its size and weight, and how tall the parts of a viewer are. Of lines only the last three: rows
 * have a picture of their own.
 */
export function looks(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    const hex = (colour: string): string => {
      if (canvas === null) return '';
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
      const parts = [...canvas.getImageData(0, 0, 1, 1).data].map((part) => part.toString(16).padStart(2, '0'));
      return parts.at(-1) === 'ff' ? parts.slice(0, 3).join('') : parts.join('');
    };
    const groundOf = (element: Element | null): string => {
      for (let at = element; at !== null; at = at.parentElement) {
        const ground = hex(getComputedStyle(at).backgroundColor);
        if (!ground.endsWith('00') || ground.length === 6) return ground;
      }
      return '';
    };
    const isSeen = (element: Element, { left, top, width, height }: DOMRect): boolean => {
      if (width < 2 || height < 2 || !element.checkVisibility({ opacityProperty: true })) return false;
      const there = document.elementFromPoint(left + Math.min(width, 40) / 2, top + height / 2);
      return there !== null && (element.contains(there) || there.contains(element));
    };
    const textOf = (text: Text): string | undefined => {
      const element = text.parentElement;
      const words = text.data.trim().replaceAll(/\(attempt \d+\)/g, '(attempt n)');
      if (element === null || words === '') return undefined;
      const range = document.createRange();
      range.selectNodeContents(text);
      if (!isSeen(element, range.getBoundingClientRect())) return undefined;
      const { color, fontSize, fontWeight } = getComputedStyle(element);
      const pressed = element.closest('[aria-pressed="true"]') === null ? '' : ' pressed';
      return `${hex(color)} on ${groundOf(element)} ${fontSize} ${fontWeight}${pressed} | ${words}`;
    };
    const rows = [...document.querySelectorAll('.log-place')]
      .sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top)
      .slice(-3);
    const found: string[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const text = walker.currentNode as Text;
      const row = text.parentElement?.closest('.log-place') ?? null;
      const seen = row !== null && !rows.includes(row) ? undefined : textOf(text);
      if (seen !== undefined) found.push(seen);
    }
    const parts = [
      'header',
      '.log-toolbar',
      '.log-histogram',
      '.log-progress',
      '.log-body',
      '.log-status',
      'dialog[open]',
    ];
    const tall = parts.flatMap((part) =>
      [...document.querySelectorAll(part)].map((one) => `${part} ${Math.round(one.getBoundingClientRect().height)} px`),
    );
    return [...found, ...tall];
  });
}
