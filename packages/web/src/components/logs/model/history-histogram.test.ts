import { describe, expect, it } from '@jest/globals';
import { eventually } from '@kubidu/testing';

import { ScriptedLogSource } from '../../../testing/scripted-log-source.ts';
import { sumOf } from './level-counts.ts';
import { LogModel } from './log-model.ts';

const lines = (count: number) => Array.from({ length: count }, () => ({}));

/** A model of a stream; `clock.ms` is its time. */
function open(source: ScriptedLogSource) {
  const clock = { ms: 0 };
  const model = new LogModel({
    source,
    frames: { request: (draw) => queueMicrotask(draw) },
    now: () => clock.ms,
  });
  const counted = () => model.histogram.bars(100).reduce((sum, { counts }) => sum + sumOf(counts), 0);
  return { model, clock, counted, [Symbol.dispose]: () => model.close() };
}

describe('The histogram of a whole history', () => {
  it('needs no server where everything is at hand', async () => {
    const source = new ScriptedLogSource();
    source.append(...lines(300));
    using opened = open(source);
    await eventually(() => opened.counted() === 300 && opened.model.histogram.complete);
    expect(source.histograms).toEqual([]);
  });

  it('counts each line once: those of the server, those at hand and those that come', async () => {
    const source = new ScriptedLogSource();
    source.append(...lines(5_000));
    using opened = open(source);
    await eventually(() => opened.model.histogram.complete);
    expect(opened.counted()).toBe(5_000);
    opened.model.see(0, 300);
    await eventually(() => opened.model.entry(1) !== undefined);
    source.append(...lines(900));
    await eventually(() => opened.model.getSnapshot().last === 5_900);
    expect(opened.counted()).toBe(5_900);
    expect(source.histograms).toHaveLength(1);
  });

  it('goes on where the server stopped, to the beginning, or says that it is not all', async () => {
    const source = new ScriptedLogSource();
    source.countedAtOnce = 1_000;
    source.append(...lines(3_500));
    using opened = open(source);
    await eventually(() => opened.model.histogram.complete);
    expect(opened.counted()).toBe(3_500);
    expect(source.histograms.map(({ before }) => before)).toEqual([undefined, 2_501, 1_501, 501]);

    source.countedAtOnce = 100;
    using other = open(source);
    await eventually(() => source.histograms.length === 14);
    await eventually(() => other.counted() === 1_000);
    expect(other.model.histogram.complete).toBe(false);
  });

  it('asks again where lines came that it did not see, and after a failure, at most once a minute', async () => {
    const source = new ScriptedLogSource();
    const answer = source.histogram.bind(source);
    let asked = 0;
    source.histogram = (options) => (asked++ === 0 ? Promise.reject(new Error('away')) : answer(options));
    source.append(...lines(2_000));
    using opened = open(source);
    await eventually(() => opened.counted() === 500 && asked === 1);
    source.append({});
    await eventually(() => opened.counted() === 501);
    expect(asked).toBe(1);
    expect(opened.model.histogram.complete).toBe(false);
    opened.clock.ms = 60_000;
    source.append({});
    await eventually(() => opened.model.histogram.complete);
    expect([opened.counted(), asked]).toEqual([2_002, 2]);
  });
});
