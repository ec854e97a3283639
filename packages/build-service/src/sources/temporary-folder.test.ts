import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { ownerOf } from './folder-owner.ts';
import { TemporaryFolder } from './temporary-folder.ts';

describe('A temporary folder', () => {
  let place: string;
  beforeEach(async () => {
    place = await mkdtemp(join(tmpdir(), 'temporary-folder-test-'));
  });
  afterEach(() => rm(place, { recursive: true, force: true }));

  /** A folder as another process would have made it. */
  const folderOf = async (pid: number, born: string, host?: string) => {
    const own = await TemporaryFolder.create('source', place);
    await own[Symbol.asyncDispose]();
    const name = `kubidu-source-${host ?? ownerOf(own.path.slice(place.length + 1))?.host}-${pid}-${born}-abcdef`;
    await mkdir(join(place, name, 'locked'), { recursive: true });
    await writeFile(join(place, name, 'locked/file'), 'x');
    return name;
  };
  const bornOf = (pid: number) => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[19] ?? '';

  it('is removed by whoever made it, with all that is in it', async () => {
    const folder = await TemporaryFolder.create('build', place);
    await mkdir(join(folder.path, 'closed/in'), { recursive: true, mode: 0o100 });
    await folder[Symbol.asyncDispose]();
    expect(await readdir(place)).toEqual([]);
  });

  it('of a process that is gone is swept, and no other: not our own, of one that lives, of another machine, or by another name', async () => {
    const child = spawn('sleep', ['100'], { stdio: 'ignore' });
    await once(child, 'spawn');
    const pid = child.pid ?? 0;
    const born = bornOf(pid);
    const living = await folderOf(pid, born);
    const before = await folderOf(pid, String(Number(born) - 1));
    const elsewhere = await folderOf(pid, '12', '00000000');
    const others = ['kubidu-source-test', 'kubidu-source-zz-1-1-abcdef', `x${living}`];
    for (const name of others) await mkdir(join(place, name));
    await using own = await TemporaryFolder.create('source', place);
    const kept = [living, elsewhere, ...others, own.path.slice(place.length + 1)];
    await TemporaryFolder.sweep(place);
    expect(await readdir(place)).not.toContain(before);
    expect((await readdir(place)).sort()).toEqual(kept.sort());
    child.kill('SIGKILL');
    await once(child, 'exit');
    await TemporaryFolder.sweep(place);
    expect((await readdir(place)).sort()).toEqual(kept.filter((name) => name !== living).sort());
  });
});
