import { describe, expect, it } from '@jest/globals';
import { loadPatterns } from '@kubidu/query/lazy';

import { ScriptedLogSource } from '../../../testing/scripted-log-source.ts';
import { LogModel } from './log-model.ts';

/** A model whose patterns come, or do not, when the test says so. Each needs a module of its own: nothing unloads them. */
function open() {
  const source = new ScriptedLogSource();
  source.append({ message: 'order 17' }, { message: 'order x' });
  let settle = { come: () => {}, fail: () => {} };
  const coming = new Promise<void>((resolve, reject) => (settle = { come: resolve, fail: reject }));
  const frames = { request: (draw: () => void) => queueMicrotask(draw) };
  const model = new LogModel({ source, frames, now: () => 0, loadPatterns: () => coming });
  const settled = () => coming.catch(() => undefined).then(() => undefined);
  return { model, settled, ...settle, [Symbol.dispose]: () => model.close() };
}

const errorOf = (model: LogModel) => model.getSnapshot().queryError?.message;

// In this order: once there, patterns stay.
describe('The first pattern that is looked for', () => {
  it('leaves everything as it was until it can be run, and says that it is coming', () => {
    using opened = open();
    opened.model.choose({ query: 'order' });
    opened.model.choose({ query: '/order \\d+/' });
    expect(errorOf(opened.model)).toContain('fetching');
    expect(opened.model.getSnapshot().search?.query.text).toBe('(order)');
  });

  it('is said to be impossible where that cannot be fetched, and words go on', async () => {
    using opened = open();
    opened.model.choose({ query: '/order \\d+/' });
    opened.fail();
    await opened.settled();
    expect(errorOf(opened.model)).toContain('could not be fetched');
    opened.model.choose({ query: 'x' });
    expect(errorOf(opened.model)).toBeUndefined();
    expect(opened.model.getSnapshot().search?.query.text).toBe('(x)');
  });

  it('is forgotten where something else was looked for meanwhile', async () => {
    using opened = open();
    opened.model.choose({ query: '/order \\d+/' });
    opened.model.choose({ query: 'x' });
    opened.fail();
    await opened.settled();
    expect(errorOf(opened.model)).toBeUndefined();
    expect(opened.model.getSnapshot().search?.query.text).toBe('(x)');
  });

  it('is looked for as soon as it can be', async () => {
    using opened = open();
    opened.model.choose({ query: '/order \\d+/' });
    await loadPatterns();
    opened.come();
    await opened.settled();
    expect(errorOf(opened.model)).toBeUndefined();
    expect(opened.model.getSnapshot().search?.query.text).toBe('(/order \\d+/)');
  });
});
