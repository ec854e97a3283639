import { describe, expect, it } from '@jest/globals';

import { MaskAutomaton } from './mask-automaton.ts';

/** Where needles end, and what does there. */
function found(automaton: MaskAutomaton, text: string): string[] {
  const hits: number[] = [];
  automaton.scan(text, MaskAutomaton.START, hits);
  return hits.flatMap((at, index) =>
    index % 2 === 0
      ? [`${at}: ${automaton.found(hits[index + 1] ?? 0)} ${automaton.anchor(hits[index + 1] ?? 0)}`]
      : [],
  );
}

describe('the automaton', () => {
  it.each([
    { text: 'ushers', hits: ['3: 3 -1', '5: 4 -1'] },
    { text: 'us\r\nhe\nrs', hits: ['5: 3 -1', '8: 4 -1'] },
    { text: 'éushers', hits: ['4: 3 -1', '6: 4 -1'] },
    { text: 'his@', hits: ['2: 3 -1', '3: 0 0'] },
    { text: 'hhhx', hits: [] },
  ])('finds where needles end in "$text"', ({ text, hits }) => {
    expect(found(new MaskAutomaton({ forms: ['she', 'hers', 'his'], anchors: ['@'] }), text)).toEqual(hits);
  });

  it('refuses more different characters than its table can tell apart', () => {
    const forms = Array.from({ length: 40_000 }, (_, at) => String.fromCharCode(0x100 + at));
    expect(() => new MaskAutomaton({ forms, anchors: [] })).toThrow(
      expect.objectContaining({ code: 'PAYLOAD_TOO_LARGE' }),
    );
  });
});
