import { idOf, kindOf } from '@kubidu/contracts';
import type { StreamId } from '@kubidu/contracts';

/**
 * Whether the pattern of a token's claim names the stream: `runtime:web`, `build:*`, `runtime:shop-*`, or `*` for all.
 * A star stands for any characters of the id; the kind is spelled out or a star.
 */
export function patternNames(pattern: string, stream: StreamId): boolean {
  if (pattern === '*') return true;
  const colon = pattern.indexOf(':');
  if (colon < 0) return false;
  const kind = pattern.slice(0, colon);
  return (kind === '*' || kind === kindOf(stream)) && globMatches(pattern.slice(colon + 1), idOf(stream));
}

/** Stars match greedily from the left, which is enough where there is nothing but stars: no backtracking on others' input. */
function globMatches(glob: string, text: string): boolean {
  const [head = '', ...rest] = glob.split('*');
  const tail = rest.pop();
  if (tail === undefined) return head === text;
  if (!text.startsWith(head)) return false;
  let at = head.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - tail.length >= at && text.endsWith(tail);
}
