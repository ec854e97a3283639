import { eventually, seededRandom } from '@kubidu/testing';
import { describe, expect, it } from '@jest/globals';
import type { LogEntry } from '@kubidu/contracts';
import { compile } from '@kubidu/query';

import { ScriptedLogSource } from '../../../testing/scripted-log-source.ts';
import type { Frames } from './frames.ts';
import { LogModel } from './log-model.ts';
import { keyOf } from './row-space.ts';

/** Draws as soon as whoever asked is done. */
const frames: Frames = { request: (draw) => queueMicrotask(draw) };

function open(source: ScriptedLogSource, cache = {}) {
  const model = new LogModel({ source, frames, cache, now: () => 0 });
  return Object.assign(model, { [Symbol.dispose]: () => model.close() });
}

function lines(count: number, of: (place: number) => Partial<LogEntry> = () => ({})): Partial<LogEntry>[] {
  return Array.from({ length: count }, (_, place) => of(place));
}

/** What stands in the rows from one to another, in words. */
function shown(model: LogModel, first = 0, last = model.getSnapshot().rows.length - 1): string[] {
  const { rows } = model.getSnapshot();
  const seen: string[] = [];
  for (let place = Math.max(0, first); place <= last; place++) {
    const row = rows.at(place);
    seen.push(row.is === 'entry' ? (model.entry(row.index)?.message ?? '…') : `${row.is} ${row.from}–${row.to}`);
  }
  return seen;
}

const lastIs = (model: LogModel, last: number) => eventually(() => model.getSnapshot().last === last);

describe('A viewer’s model', () => {
  it('shows nothing of an empty stream, and its first line when it comes', async () => {
    const source = new ScriptedLogSource();
    using model = open(source);
    await eventually(() => model.getSnapshot().follow.is === 'live');
    expect(model.getSnapshot().rows).toHaveLength(0);
    source.append({ message: 'hello' });
    await lastIs(model, 1);
    expect(shown(model)).toEqual(['hello']);
  });

  it('has a row for every line from the first one, and reads those that are looked at', async () => {
    const source = new ScriptedLogSource();
    source.append(...lines(5_000));
    using model = open(source);
    await lastIs(model, 5_000);
    expect(model.getSnapshot().rows).toHaveLength(5_000);
    expect(shown(model, 0, 1)).toEqual(['…', '…']);
    model.see(0, 40);
    await eventually(() => model.entry(1) !== undefined);
    expect(shown(model, 0, 1)).toEqual(['line 1', 'line 2']);
  });

  it('counts what comes while paused and shows it afterwards', async () => {
    const source = new ScriptedLogSource();
    source.append(...lines(3));
    using model = open(source);
    await lastIs(model, 3);
    model.window.pause();
    source.append(...lines(4));
    await eventually(() => model.getSnapshot().waiting === 4);
    expect(shown(model)).toEqual(['line 1', 'line 2', 'line 3']);
    model.window.resume();
    await lastIs(model, 7);
    expect(shown(model)).toHaveLength(7);
  });

  it('shows what is gone as one row that says why', async () => {
    const source = new ScriptedLogSource();
    source.append(...lines(2_000));
    source.trim(1_801);
    using model = open(source);
    await eventually(() => model.getSnapshot().holes.length === 1);
    expect(model.getSnapshot().rows).toHaveLength(201);
    expect(shown(model, 0, 1)).toEqual(['hole 1–1800', 'line 1801']);
    expect(model.getSnapshot().holes).toEqual([{ from: 1, to: 1_800, reason: 'trimmed' }]);
  });

  it('keeps what it shows when the server forgets it', async () => {
    const source = new ScriptedLogSource();
    source.append(...lines(100));
    using model = open(source);
    await lastIs(model, 100);
    source.trim(90);
    source.cut();
    source.append(...lines(1));
    await lastIs(model, 101);
    expect(shown(model)).toEqual(source.entries.map(({ message }) => message));
  });

  it('tries a page again until it comes', async () => {
    const source = new ScriptedLogSource();
    source.append(...lines(2_000));
    using model = open(source);
    await lastIs(model, 2_000);
    source.failures = 1;
    model.see(0, 10);
    await eventually(() => model.getSnapshot().trouble?.code === 'UNAVAILABLE');
    await eventually(() => model.entry(1) !== undefined);
    expect(model.getSnapshot().trouble).toBeUndefined();
  });

  it('shows only what matches, of what is at hand at once and of the rest as it is looked at', async () => {
    const source = new ScriptedLogSource();
    source.append(...lines(3_000, (place) => ({ message: place % 100 === 0 ? `boom ${place}` : 'fine' })));
    using model = open(source);
    await lastIs(model, 3_000);
    model.choose({ query: 'boom', only: true });
    expect(shown(model).at(-1)).toBe('boom 2900');
    await eventually(() => {
      model.see(0, model.getSnapshot().rows.length - 1);
      return model.getSnapshot().search?.complete === true;
    });
    expect(shown(model)).toEqual(lines(30).map((_, place) => `boom ${place * 100}`));
    source.append({ message: 'boom last' }, { message: 'fine' });
    await lastIs(model, 3_002);
    expect(shown(model).at(-1)).toBe('boom last');
  });

  it('marks what is searched for among all lines, and finds it in the whole history when asked', async () => {
    const source = new ScriptedLogSource();
    source.append(...lines(10_000, (place) => ({ message: place % 1_000 === 7 ? 'needle' : 'hay' })));
    using model = open(source);
    await lastIs(model, 10_000);
    model.choose({ query: 'needle' });
    expect(model.getSnapshot().rows).toHaveLength(10_000);
    expect(model.getSnapshot().search?.complete).toBe(false);
    model.searchHistory();
    await eventually(() => model.getSnapshot().search?.progress.is === 'done');
    const { search } = model.getSnapshot();
    expect(search?.complete).toBe(true);
    expect(search?.matches).toEqual(lines(10).map((_, place) => place * 1_000 + 8));
  });

  it('leaves everything as it was while a query does not parse', async () => {
    const source = new ScriptedLogSource();
    source.append({ message: 'a' }, { message: 'b' });
    using model = open(source);
    await lastIs(model, 2);
    model.choose({ query: 'a', only: true });
    model.choose({ query: 'a (', only: true });
    expect(shown(model)).toEqual(['a']);
    expect(model.getSnapshot().queryError?.column).toBeGreaterThan(0);
  });

  it('filters by level, pod and container, and counts each', async () => {
    const source = new ScriptedLogSource();
    source.append(
      { message: '1', level: 'INFO', podName: 'a', container: 'app' },
      { message: '2', level: 'ERROR', podName: 'a', container: 'side"car' },
      { message: '3', level: 'WARN', podName: 'b', container: 'app' },
      { message: '4' },
    );
    using model = open(source);
    await lastIs(model, 4);
    model.choose({ level: 'WARN' });
    expect(shown(model)).toEqual(['2', '3']);
    model.choose({ level: 'WARN', pods: ['a', 'c'] });
    expect(shown(model)).toEqual(['2']);
    model.choose({ containers: ['side"car'] });
    expect(shown(model)).toEqual(['2']);
    const { counts } = model.window.cache;
    expect([...counts.of('pod')]).toEqual([['a', 2], ['b', 1], ['', 1]]); // prettier-ignore
    expect(counts.of('level').get('ERROR')).toBe(1);
  });

  it('shows only a stretch that was chosen', async () => {
    const source = new ScriptedLogSource();
    source.append(...lines(100));
    using model = open(source);
    await lastIs(model, 100);
    model.choose({ from: 11, to: 13 });
    expect(shown(model)).toEqual(['line 11', 'line 12', 'line 13']);
    model.choose({ from: 11, to: 30, query: '/line .5/', only: true });
    expect(shown(model)).toEqual(['line 15', 'line 25']);
  });
});

describe('Whatever happens in whatever order', () => {
  const seeds = [1, 2, 3, Date.now() % 1e9];
  it.each(seeds)('each line has one place, is what it was, and what is missing is said (seed %i)', async (seed) => {
    const random = seededRandom(seed);
    const upTo = (most: number) => Math.floor(random() * (most + 1));
    const source = new ScriptedLogSource();
    source.append(...lines(upTo(3_000)));
    const pods = ['a', 'b', 'c'];
    using model = open(source, { maxEntries: 1_500 });
    let chosen = '';
    for (let step = 0; step < 80; step++) {
      const dice = upTo(9);
      const { rows } = model.getSnapshot();
      if (dice <= 2) source.append(...lines(upTo(250), () => ({ podName: pods[upTo(2)] })));
      else if (dice <= 5) for (const at of [upTo(rows.length)]) model.see(at, at + upTo(80));
      else if (dice === 6) model.window[random() < 0.5 ? 'pause' : 'resume']();
      else if (dice === 7 && random() < 0.2) source.trim(upTo(source.lastIndex));
      else if (dice === 8) source.cut();
      else {
        chosen = ['', '/[27]$/', 'pod:a'][upTo(2)] as string;
        model.choose({ query: chosen, only: true });
      }
      if (random() < 0.1) source.failures = 1;
      if (random() < 0.5) await new Promise((resolve) => setImmediate(resolve));
      check(model, source);
    }
    model.window.resume();
    await eventually(() => model.getSnapshot().last === source.lastIndex);
    model.choose({ query: chosen, only: true });
    await eventually(() => settled(model), { everyMs: 5 });
    check(model, source, chosen);
  });

  /** Looks everywhere, so that everything that can be known is. */
  function settled(model: LogModel): boolean {
    const { rows } = model.getSnapshot();
    for (let row = 0; row < rows.length; row++) {
      if (rows.at(row).is !== 'unsearched') continue;
      model.see(row, row + 10);
      return false;
    }
    return true;
  }

  function check(model: LogModel, source: ScriptedLogSource, query?: string): void {
    const { rows, last, filtered } = model.getSnapshot();
    const keys = new Set<number | string>();
    const matching: number[] = [];
    const gone: [number, number][] = [];
    let next = 1;
    for (let place = 0; place < rows.length; place++) {
      const row = rows.at(place);
      keys.add(keyOf(row));
      const [from, to] = row.is === 'entry' ? [row.index, row.index] : [row.from, row.to];
      if (filtered ? from < next : from !== next) throw new Error(`row ${place} begins at ${from}, not at ${next}`);
      next = to + 1;
      if (rows.rowOf(from) !== place || rows.rowOf(to) !== place) throw new Error(`row ${place} is not found again`);
      if (row.is === 'hole') gone.push([from, to]);
      if (row.is === 'entry') matching.push(row.index);
      const entry = row.is === 'entry' ? model.entry(row.index) : undefined;
      if (entry !== undefined && entry.message !== source.entries[entry.index - 1]?.message)
        throw new Error(`row ${place} shows ${entry.message} at ${entry.index}`);
    }
    expect(keys.size).toBe(rows.length);
    if (!filtered) expect(next).toBe(last + 1);
    for (const [, to] of gone) expect(to).toBeLessThan(source.firstIndex);
    if (query === undefined) return;
    const compiled = compile(query);
    const isGone = (index: number) => gone.some(([from, to]) => from <= index && index <= to);
    const expected = source.entries.filter((entry) => compiled.matches(entry) && !isGone(entry.index));
    // What matched and was shown before it was trimmed may still stand; nothing that the server has may be missing.
    const held = expected.filter(({ index }) => index >= source.firstIndex).map(({ index }) => index);
    expect(matching.filter((index) => index >= source.firstIndex)).toEqual(held);
  }
});
