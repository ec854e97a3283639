import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { noted } from './durations.mjs';
import LongestFirst from './longest-first.mjs';

describe('The order of files', () => {
  /** @type {string} */ let folder;
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'kubidu-order-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('has the longest of those whose duration is noted first, then the largest of the others', () => {
    const longest = [...noted()].sort(([, a], [, b]) => b - a).slice(0, 3);
    expect(new Set(longest.map(([, seconds]) => seconds)).size).toBeGreaterThan(1);
    const unknown = [100, 5_000, 20].map((bytes) => path.join(folder, `${bytes}.test.ts`));
    for (const file of unknown) writeFileSync(file, 'x'.repeat(Number(path.basename(file, '.test.ts'))));
    const tests = [...unknown, ...longest.map(([file]) => file).reverse()].map((file) => ({ path: file }));
    const sorted = new LongestFirst().sort(tests).map((test) => test.path);
    expect(sorted.slice(0, 3).map((file) => noted().get(file))).toEqual(longest.map(([, seconds]) => seconds));
    expect(sorted.slice(3).map((file) => path.basename(file))).toEqual(['5000.test.ts', '100.test.ts', '20.test.ts']);
  });
});
