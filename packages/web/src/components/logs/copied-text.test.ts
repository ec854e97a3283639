import { describe, expect, it } from '@jest/globals';
import type { LogEntry } from '@kubidu/contracts';
import { eventually } from '@kubidu/testing';

import { ScriptedLogSource } from '../../testing/scripted-log-source.ts';
import { MOST_CHARACTERS, readText, textAtHand, TooMuchToCopy } from './copied-text.ts';
import type { CopiedRows } from './copied-text.ts';
import { LogModel } from './model/log-model.ts';
import type { Chosen } from './model/log-model.ts';

const { signal } = new AbortController();

async function open(source: ScriptedLogSource, chosen: Chosen = {}) {
  const model = new LogModel({ source, frames: { request: (draw) => queueMicrotask(draw) }, now: () => 0 });
  model.choose(chosen);
  await eventually(() => model.getSnapshot().last === source.lastIndex);
  return Object.assign(model, { [Symbol.dispose]: () => model.close() });
}

/** Every row there is. */
function all(model: LogModel, parts: ReadonlyMap<number, string> = new Map()): CopiedRows {
  const { rows } = model.getSnapshot();
  return { rows, first: 0, last: rows.length - 1, parts, text: ({ message }: LogEntry) => message };
}

function logOf(count: number, of: (place: number) => Partial<LogEntry> = () => ({})): ScriptedLogSource {
  const source = new ScriptedLogSource();
  source.append(...Array.from({ length: count }, (_, place) => of(place)));
  return source;
}

describe('The text of rows that are copied', () => {
  it('is there at once where all are at hand, with only a part of some', async () => {
    using model = await open(logOf(3));
    expect(textAtHand(model, all(model, new Map([[0, '1']])))).toBe('1\nline 2\nline 3');
  });

  it('is read where some are not at hand, each line once and in order', async () => {
    const source = logOf(5_000);
    using model = await open(source);
    expect(textAtHand(model, all(model))).toBeUndefined();
    const { text, lines } = await readText(model, all(model), model.shown, signal);
    expect(text.split('\n')).toEqual(source.entries.map(({ message }) => message));
    expect(lines).toBe(5_000);
  });

  it('says in one line what was lost meanwhile, as a download does', async () => {
    const source = logOf(3_000);
    using model = await open(source);
    const copied = all(model);
    source.trim(1_201);
    const read = (await readText(model, copied, model.shown, signal)).text.split('\n');
    expect(read.slice(0, 2)).toEqual(['--- 1,200 lines trimmed (indexes 1–1200) ---', 'line 1201']);
    expect(read).toHaveLength(1_801);
  });

  it('says in one line what the viewer shows as one, and what the server does not give', async () => {
    const source = logOf(2_000);
    using model = await open(source);
    model.window.gaps.add({ from: 5, to: 9, reason: 'unexplained' });
    model.window.changed();
    await eventually(() => model.getSnapshot().rows.length === 1_996);
    source.page = async (request) => {
      const page = await ScriptedLogSource.prototype.page.call(source, request);
      return { ...page, entries: page.entries.filter(({ index }) => index !== 700) };
    };
    const read = (await readText(model, all(model), model.shown, signal)).text.split('\n');
    expect(read[4]).toBe('--- 5 lines not given by the server (indexes 5–9) ---');
    expect(read[695]).toBe('--- 1 line not given by the server (index 700) ---');
    expect(read.slice(693, 698)).toEqual(['line 698', 'line 699', read[695], 'line 701', 'line 702']);
  });

  it('is only what the filters and the stretch leave, also where it is not known yet what matches', async () => {
    const source = logOf(4_000, (place) => ({ level: place % 7 === 0 ? 'ERROR' : 'INFO' }));
    using model = await open(source, { level: 'ERROR', from: 100, to: 3_600 });
    await eventually(() => model.getSnapshot().rows.at(0).is === 'unsearched');
    const { text, lines } = await readText(model, all(model), model.shown, signal);
    const wanted = source.entries.filter(({ index, level }) => level === 'ERROR' && index >= 100 && index <= 3_600);
    expect(text.split('\n')).toEqual(wanted.map(({ message }) => message));
    expect(lines).toBe(wanted.length);
  });

  it('fails whole where a page cannot be read, and where there is too much of it', async () => {
    const source = logOf(2_000);
    using model = await open(source);
    source.failures = 1;
    await expect(readText(model, all(model), model.shown, signal)).rejects.toThrow('the store is away');
    const half = 'x'.repeat(MOST_CHARACTERS / 1_000);
    await expect(readText(model, { ...all(model), text: () => half }, model.shown, signal)).rejects.toThrow(
      TooMuchToCopy,
    );
    expect(() => textAtHand(model, { ...all(model), last: 100_000 })).toThrow(/^100,001 lines are selected\. At most/);
  });
});
