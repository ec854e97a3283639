import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { lockMachine } from './machine-lock.mjs';

describe('The lock of a machine', () => {
  /** @type {string} */ let folder;
  /** @type {string} */ let file;
  const never = new AbortController().signal;

  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'kubidu-lock-'));
    file = path.join(folder, 'it.lock');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is had by one at a time; the next waits, is told who has it, and gets it', async () => {
    const first = await lockMachine(file, { signal: never, waiting: () => expect('nobody').toBe('there') });
    /** @type {string[]} */
    const order = [];
    /** @type {() => void} */
    let told = () => {};
    const waits = new Promise((resolve) => (told = () => resolve(undefined)));
    const second = lockMachine(file, {
      signal: never,
      waiting: (owner) => {
        order.push(owner);
        told();
      },
    });
    await waits;
    order.push('released');
    await first?.release();
    const held = await second;
    order.push('had');
    expect(order).toEqual([expect.stringContaining(`process ${process.pid}`), 'released', 'had']);
    await held?.release();
  });

  it('is no longer waited for once the run is stopped', async () => {
    const first = await lockMachine(file, { signal: never, waiting: () => {} });
    const stop = new AbortController();
    const second = lockMachine(file, { signal: stop.signal, waiting: () => stop.abort(new Error('stopped')) });
    await expect(second).rejects.toThrow('stopped');
    await first?.release();
    const third = await lockMachine(file, { signal: never, waiting: () => expect('nobody').toBe('there') });
    await third?.release();
  });
});
