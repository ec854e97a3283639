import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, it } from '@jest/globals';
import { describeLogArchive } from '@kubidu/testing/log-archive.conformance';

import { DiskObjects } from './disk-objects.ts';
import { openDiskArchive } from './open-disk-archive.ts';

async function openFolder() {
  const path = await mkdtemp(join(tmpdir(), 'archive-'));
  return { path, objects: new DiskObjects(path), [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

describeLogArchive('DiskObjects', openFolder);

describe('DiskObjects', () => {
  it('gives a name once: what is there first stays', async () => {
    await using folder = await openFolder();
    await Promise.all(['one', 'two', 'three'].map((text) => folder.objects.put('a/b', Buffer.from(text))));
    const first = await folder.objects.get('a/b');
    await folder.objects.put('a/b', Buffer.from('four'));
    expect(await folder.objects.get('a/b')).toEqual(first);
    expect(await readdir(join(folder.path, 'a'))).toEqual(['b']);
  });

  it('does not list what a process that died left unfinished, and removes it after a day', async () => {
    await using folder = await openFolder();
    await folder.objects.put('a/b', Buffer.from('whole'));
    const left = join(folder.path, 'a', 'c.01234567-89ab-cdef-0123-456789abcdef.part');
    await writeFile(left, 'ha');
    expect((await folder.objects.list('a/')).map(({ name }) => name)).toEqual(['a/b']);
    expect(await readdir(join(folder.path, 'a'))).toHaveLength(2);
    await utimes(left, 0, Date.now() / 1_000 - 90_000);
    await folder.objects.list('a/');
    expect(await readdir(join(folder.path, 'a'))).toEqual(['b']);
  });

  it('removes folders that became empty', async () => {
    await using folder = await openFolder();
    await folder.objects.put('a/b/c', Buffer.from('1'));
    await folder.objects.put('a/d', Buffer.from('2'));
    await folder.objects.remove(['a/b/c', 'a/b/nothing']);
    expect(await readdir(join(folder.path, 'a'))).toEqual(['d']);
    await folder.objects.remove(['a/d']);
    expect(await readdir(folder.path)).toEqual([]);
  });

  it('refuses names that lead out of its folder', async () => {
    await using folder = await openFolder();
    await expect(folder.objects.get('../secret')).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  it('is UNAVAILABLE where it cannot be written', async () => {
    await using folder = await openFolder();
    await writeFile(join(folder.path, 'file'), '');
    await expect(openDiskArchive({ path: join(folder.path, 'file') })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    const objects = new DiskObjects(join(folder.path, 'file'));
    await expect(objects.put('a/b', Buffer.from('x'))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});
