import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '@kubidu/testing';

import { openLmdbStore } from './open-lmdb-store.ts';

/** Appends from four writers at once and prints each acknowledgement: `<first> <last> <message>`. */
const WRITER = `
  import { openLmdbStore } from '@kubidu/store-lmdb';
  const { store } = await openLmdbStore({ path: process.argv[1] });
  const life = String(Date.now());
  const write = async (source) => {
    for (let sequence = 1; ; sequence++) {
      const message = source + '/' + life + '/' + sequence;
      const lines = Array.from({ length: 1 + sequence % 5 }, () => JSON.stringify({ timestamp: '', message }));
      const position = { source, cursor: message, writer: life, sequence };
      const { first, last } = await store.append('runtime:crash', lines, { position });
      process.stdout.write(first + ' ' + last + ' ' + message + '\\n');
    }
  };
  await Promise.all(['a', 'b', 'c', 'd'].map(write));
`;

const home = fileURLToPath(new URL('..', import.meta.url));

describe('A store on disk whose process is killed', () => {
  const seed = Date.now() % 1_000_000;

  it(`holds every acknowledged line under its index, and goes on after them, seed ${seed}`, async () => {
    const random = seededRandom(seed);
    const path = await mkdtemp(join(tmpdir(), 'kubidu-crash-'));
    const acknowledged = new Map<number, string>();
    for (let life = 0; life < 6; life++) {
      const child = spawn(process.execPath, ['--input-type=module', '-e', WRITER, path], {
        cwd: home,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let left = 20 + Math.floor(random() * 400);
      const exit = once(child, 'exit');
      for await (const line of createInterface(child.stdout)) {
        const [first, last, message = ''] = line.split(' ');
        for (let index = Number(first); index <= Number(last); index++) acknowledged.set(index, message);
        if (--left === 0) child.kill('SIGKILL');
      }
      await exit;

      await using opened = await openLmdbStore({ path });
      const { store } = opened;
      const { lastIndex } = await store.head('runtime:crash');
      expect(lastIndex).toBeGreaterThanOrEqual(Math.max(...acknowledged.keys()));
      const found = new Map<number, string>();
      for (let after = 0; after < lastIndex; after = Math.max(...found.keys())) {
        const page = await store.read('runtime:crash', { after, limit: 10_000 });
        expect(page.gaps).toEqual([]);
        for (const batch of page.batches) for (const entry of batch.entries()) found.set(entry.index, entry.message);
      }
      expect(found.size).toBe(lastIndex);
      for (const [index, message] of acknowledged) expect(found.get(index)).toBe(message);
      // A cursor was stored with the last line of its source, or neither was.
      const lastOf = new Map([...found.values()].map((message) => [message.slice(0, 1), message]));
      expect(await store.cursors('runtime:crash')).toEqual(lastOf);
    }
    await rm(path, { recursive: true });
  });
});

describe('A store on disk', () => {
  it('is refused to a second process, and to a second opening, until the first is gone', async () => {
    const path = await mkdtemp(join(tmpdir(), 'kubidu-lock-'));
    const child = spawn(process.execPath, ['--input-type=module', '-e', WRITER, path], {
      cwd: home,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exit = once(child, 'exit');
    await once(child.stdout, 'data');
    await expect(openLmdbStore({ path })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    child.kill('SIGKILL');
    await exit;
    {
      await using opened = await openLmdbStore({ path });
      await expect(openLmdbStore({ path })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      expect((await opened.store.head('runtime:crash')).lastIndex).toBeGreaterThan(0);
    }
    await using again = await openLmdbStore({ path });
    expect((await again.store.head('runtime:crash')).lastIndex).toBeGreaterThan(0);
    await again[Symbol.asyncDispose]();
    await rm(path, { recursive: true });
  });
});
