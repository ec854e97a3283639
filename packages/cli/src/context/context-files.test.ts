import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { contextArchive } from './context-archive.ts';
import { contextFiles } from './context-files.ts';
import { dockerfilePath } from './dockerfile-path.ts';
import { ignoreRules } from './ignore-rules.ts';

const { signal } = new AbortController();
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kubidu-test-context-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function files(...paths: readonly string[]): void {
  for (const path of paths) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), 'x'.repeat(10));
  }
}

const pathsOf = async (dockerfile = 'Dockerfile') =>
  (await contextFiles(folder, await ignoreRules(folder, dockerfile), signal)).paths;

describe('the files of a context', () => {
  it('are everything, folders before what is in them, links as they are, with their sizes', async () => {
    files('Dockerfile', 'b/1', 'b/2', 'a/deep/3');
    mkdirSync(join(folder, 'empty'));
    symlinkSync('/nowhere', join(folder, 'link'));
    symlinkSync('b', join(folder, 'c'));
    expect(await contextFiles(folder, await ignoreRules(folder, 'Dockerfile'), signal)).toEqual({
      paths: ['Dockerfile', 'a', 'a/deep', 'a/deep/3', 'b', 'b/1', 'b/2', 'c', 'empty', 'link'],
      files: 4,
      bytes: 40,
      largest: [
        { path: 'b', bytes: 20 },
        { path: 'Dockerfile', bytes: 10 },
        { path: 'a', bytes: 10 },
      ],
    });
  });

  it.each([
    { rules: 'node_modules', left: ['.dockerignore', 'Dockerfile', 'a', 'a/node_modules', 'a/node_modules/y', 'k'] },
    { rules: '**/node_modules', left: ['.dockerignore', 'Dockerfile', 'a', 'k'] },
    {
      rules: '# k\n\n  k  \nNODE_MODULES',
      left: [
        '.dockerignore',
        'Dockerfile',
        'a',
        'a/node_modules',
        'a/node_modules/y',
        'node_modules',
        'node_modules/x',
      ],
    },
    { rules: '*\n!node_modules/x', left: ['.dockerignore', 'Dockerfile', 'node_modules', 'node_modules/x'] },
    { rules: '\uFEFFk\r\na\r\n', left: ['.dockerignore', 'Dockerfile', 'node_modules', 'node_modules/x'] },
  ])('without what $rules names', async ({ rules, left }) => {
    files('Dockerfile', 'node_modules/x', 'a/node_modules/y', 'k');
    writeFileSync(join(folder, '.dockerignore'), rules);
    expect(await pathsOf()).toEqual(left);
  });

  it('follow the rules beside their Dockerfile rather than those of the folder', async () => {
    files('d/Dockerfile', 'one', 'two');
    writeFileSync(join(folder, '.dockerignore'), 'one');
    writeFileSync(join(folder, 'd/Dockerfile.dockerignore'), 'two\nd');
    expect(await pathsOf('d/Dockerfile')).toEqual([
      '.dockerignore',
      'd',
      'd/Dockerfile',
      'd/Dockerfile.dockerignore',
      'one',
    ]);
  });

  it('that go while they are packed fail the archive', async () => {
    files('Dockerfile', 'gone');
    const paths = await pathsOf();
    rmSync(join(folder, 'gone'));
    const pack = async () => {
      for await (const piece of contextArchive(folder, paths, () => undefined)) expect(piece.length).toBeGreaterThan(0);
    };
    await expect(pack()).rejects.toMatchObject({ name: 'CliError', exitCode: 1 });
  });
});

describe('the Dockerfile of a context', () => {
  it.each([
    { named: undefined, path: 'Dockerfile' },
    { named: 'docker/Dockerfile', path: 'docker/Dockerfile' },
    { named: 'context/docker/Dockerfile', path: 'docker/Dockerfile' },
    { named: './context/Dockerfile', path: 'Dockerfile' },
  ])('named $named from beside it is $path within it', ({ named, path }) => {
    files('context/Dockerfile', 'context/docker/Dockerfile');
    expect(dockerfilePath(named, join(folder, 'context'), folder)).toBe(path);
  });

  it.each(['other', '../outside', 'docker'])('that is not there, no file, or outside is refused: %s', (named) => {
    files('context/Dockerfile', 'context/docker/Dockerfile', 'outside');
    expect(() => dockerfilePath(named, join(folder, 'context'), join(folder, 'context'))).toThrow(
      expect.objectContaining({ name: 'CliError', exitCode: 2 }),
    );
  });
});
