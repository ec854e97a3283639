import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { Sandbox } from './sandbox.mjs';

describe('What the suites leave behind', () => {
  /** @type {Sandbox} */ let sandbox;
  beforeEach(() => {
    sandbox = new Sandbox();
  });
  afterEach(() => sandbox.remove());

  it('is nothing when all is well', async () => {
    expect(await sandbox.sweep([])).toEqual([]);
  });

  it('is a process that inherited the mark, which is named and ended', async () => {
    const child = spawn('sleep', ['1000'], { env: { ...process.env, ...sandbox.env }, stdio: 'ignore' });
    await once(child, 'spawn');
    const exit = once(child, 'exit');
    expect(await sandbox.sweep([], { graceMs: 0 })).toEqual([`process ${child.pid} was left: sleep 1000`]);
    expect(await exit).toEqual([null, 'SIGKILL']);
    expect(await sandbox.sweep([])).toEqual([]);
  });

  it('is not a process that ends a moment later by itself', async () => {
    const child = spawn('sleep', ['0.3'], { env: { ...process.env, ...sandbox.env }, stdio: 'ignore' });
    await once(child, 'spawn');
    expect(await sandbox.sweep([])).toEqual([]);
  });

  it("is not one of the cluster's own daemons, which go by its folder", async () => {
    const args = ['-c', 'read _', '--config', '/where/the/cluster/is/it.toml'];
    const child = spawn('sh', args, { env: { ...process.env, ...sandbox.env }, stdio: ['pipe', 'ignore', 'ignore'] });
    await once(child, 'spawn');
    expect(await sandbox.sweep(['/elsewhere', '/where/the/cluster/is'])).toEqual([]);
    const exit = once(child, 'exit');
    child.stdin.end();
    await exit;
  });

  it('is a temporary file or folder, which is named and removed', async () => {
    const { TMPDIR } = sandbox.env;
    mkdirSync(path.join(TMPDIR, 'redis-1'));
    writeFileSync(path.join(TMPDIR, 'redis-1', 'dump.rdb'), 'x');
    expect(await sandbox.sweep([])).toEqual(['the temporary redis-1 was left']);
    expect(existsSync(path.join(TMPDIR, 'redis-1'))).toBe(false);
  });
});
