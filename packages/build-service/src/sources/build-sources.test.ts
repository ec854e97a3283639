import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { BuildSource } from '@kubidu/contracts';
import { eventually } from '@kubidu/testing';
import { create, Header } from 'tar';

import { commandLinesWith } from '../testing/marked-process.ts';
import { RecordedOutput } from '../testing/recorded-output.ts';
import { BuildSources } from './build-sources.ts';
import type { BuildSourcesOptions } from './build-sources.ts';

const run = promisify(execFile);
const NEVER = new AbortController().signal;

async function* bytes(...chunks: readonly (Buffer | string)[]): AsyncIterable<Uint8Array> {
  for (const chunk of chunks) yield await Promise.resolve(Buffer.from(chunk));
}

/** The header of one entry of a tar archive, and room for nothing behind it. */
function entry(fields: { path: string; type: string; linkpath?: string; size?: number }): Buffer {
  const block = Buffer.alloc(512);
  new Header({ mode: 0o644, size: 0, mtime: new Date(0), ...(fields as object) }).encode(block, 0);
  return block;
}

describe('BuildSources', () => {
  let folder: string;
  let output: RecordedOutput;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kubidu-sources-test-'));
    output = new RecordedOutput();
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const get = (source: BuildSource, options: Partial<BuildSourcesOptions> = {}, signal = NEVER) =>
    new BuildSources({ readUpload: () => bytes(), ...options }).get(source, output, 0, signal);
  const leftovers = async () => (await readdir(tmpdir())).filter((name) => name.startsWith('kubidu-source-')).sort();

  describe('of a path', () => {
    it('takes a folder below an allowed root as it is, and leaves it there', async () => {
      await mkdir(join(folder, 'root/app'), { recursive: true });
      const source = await get({ path: join(folder, 'root/app') }, { allowedRoots: [join(folder, 'root')] });
      expect(source.path).toBe(join(folder, 'root/app'));
      await source[Symbol.asyncDispose]();
      expect((await stat(join(folder, 'root/app'))).isDirectory()).toBe(true);
    });

    it.each([
      { what: 'a folder elsewhere', path: 'elsewhere', code: 'INVALID_ARGUMENT' },
      { what: 'a link that leads out', path: 'root/link', code: 'INVALID_ARGUMENT' },
      { what: 'a way out by dots', path: 'root/../elsewhere', code: 'INVALID_ARGUMENT' },
      { what: 'what is not there', path: 'root/nothing', code: 'NOT_FOUND' },
      { what: 'a file', path: 'root/file', code: 'NOT_FOUND' },
    ])('refuses $what', async ({ path, code }) => {
      await mkdir(join(folder, 'root'));
      await mkdir(join(folder, 'elsewhere'));
      await writeFile(join(folder, 'root/file'), '');
      await symlink(join(folder, 'elsewhere'), join(folder, 'root/link'));
      const getting = get({ path: `${folder}/${path}` }, { allowedRoots: [join(folder, 'root')] });
      await expect(getting).rejects.toMatchObject({ code });
    });
  });

  describe('of an upload', () => {
    it.each([{ gzip: false }, { gzip: true }])(
      'unpacks a tar (gzip: $gzip) and removes it afterwards',
      async ({ gzip }) => {
        await mkdir(join(folder, 'app/deep'), { recursive: true });
        await writeFile(join(folder, 'app/deep/file'), 'text');
        await symlink('deep/file', join(folder, 'app/link'));
        const archive = create({ gzip, cwd: join(folder, 'app') }, ['.']) as unknown as AsyncIterable<Buffer>;
        const source = await get({ upload: 'u1' }, { readUpload: () => archive });
        expect(await readFile(join(source.path, 'link'), 'utf8')).toBe('text');
        await source[Symbol.asyncDispose]();
        await expect(stat(source.path)).rejects.toThrow();
      },
    );

    it.each([
      { what: 'a path upwards', archive: entry({ path: '../out', type: 'File' }), problem: /lies outside/ },
      { what: 'an absolute path', archive: entry({ path: '/out', type: 'File' }), problem: /lies outside/ },
      {
        what: 'a link to the outside',
        archive: entry({ path: 'l', type: 'SymbolicLink', linkpath: '../out' }),
        problem: /leads outside/,
      },
      {
        what: 'an absolute link',
        archive: entry({ path: 'l', type: 'SymbolicLink', linkpath: '/etc' }),
        problem: /leads outside/,
      },
      {
        what: 'a link that goes down and up',
        archive: entry({ path: 'l', type: 'SymbolicLink', linkpath: 'a/../../..' }),
        problem: /leads outside/,
      },
      {
        what: 'a hard link to the outside',
        archive: entry({ path: 'l', type: 'Link', linkpath: '../out' }),
        problem: /leads outside/,
      },
      { what: 'a device', archive: entry({ path: 'd', type: 'CharacterDevice' }), problem: /neither a file/ },
      { what: 'a pipe', archive: entry({ path: 'p', type: 'FIFO' }), problem: /neither a file/ },
      { what: 'no tar', archive: Buffer.alloc(2_048, 'no tar'), problem: /no sound tar archive/ },
      {
        what: 'half a file',
        archive: entry({ path: 'f', type: 'File', size: 5_000 }),
        problem: /no sound tar archive/,
      },
    ])('refuses $what, and leaves nothing', async ({ archive, problem }) => {
      const before = await leftovers();
      const getting = get({ upload: 'u1' }, { readUpload: () => bytes(archive, Buffer.alloc(1_024)) });
      await expect(getting).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
        message: expect.stringMatching(problem),
      });
      expect(await leftovers()).toEqual(before);
    });

    it.each([
      { what: 'bytes', limits: { bytes: 999 } },
      { what: 'entries', limits: { entries: 1 } },
    ])('refuses more $what than are allowed', async ({ limits }) => {
      const archive = [
        entry({ path: 'a', type: 'File', size: 512 }),
        Buffer.alloc(512),
        entry({ path: 'b', type: 'File', size: 512 }),
      ];
      const getting = get({ upload: 'u1' }, { limits, readUpload: () => bytes(...archive, Buffer.alloc(1_536)) });
      await expect(getting).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
    });
  });

  describe('of a repository', () => {
    const git = (...args: readonly string[]) =>
      run('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', '-c', 'protocol.file.allow=always', ...args]);
    const FILES = { gitProtocols: 'file' };
    let repository: string;
    let first: string;
    beforeEach(async () => {
      const module = join(folder, 'module');
      await git('init', '-q', '-b', 'main', module);
      await writeFile(join(module, 'inner'), 'inner');
      await git('-C', module, 'add', '.');
      await git('-C', module, 'commit', '-qm', 'module');
      repository = join(folder, 'repository');
      await git('init', '-q', '-b', 'main', repository);
      await git('-C', repository, 'config', 'uploadpack.allowReachableSHA1InWant', 'true');
      await writeFile(join(repository, 'file'), 'one');
      await git('-C', repository, 'submodule', '--quiet', 'add', '../module', 'module');
      await git('-C', repository, 'add', '.');
      await git('-C', repository, 'commit', '-qm', 'one');
      first = (await git('-C', repository, 'rev-parse', 'HEAD')).stdout.trim();
      await git('-C', repository, 'tag', 'v1');
      await writeFile(join(repository, 'file'), 'two');
      await git('-C', repository, 'commit', '-qam', 'two');
    });

    it.each([
      { what: 'a branch', ref: () => 'main', text: 'two' },
      { what: 'a tag', ref: () => 'v1', text: 'one' },
      { what: 'a commit', ref: () => first, text: 'one' },
    ])('gets $what with its submodules and without its history', async ({ ref, text }) => {
      await using source = await get({ git: `file://${repository}`, ref: ref() }, FILES);
      expect(await readFile(join(source.path, 'file'), 'utf8')).toBe(text);
      expect(await readFile(join(source.path, 'module/inner'), 'utf8')).toBe('inner');
      expect(await readdir(source.path)).not.toContain('.git');
      expect(output.events).toMatchObject([
        { step: 0, status: 'started' },
        { step: 0, status: 'succeeded' },
      ]);
      expect(output.recorded.map(({ message }) => message)).toContainEqual(
        expect.stringMatching(/^commit [0-9a-f]{40}$/),
      );
    });

    it.each([
      {
        what: 'a branch that is not there',
        source: () => ({ git: `file://${repository}`, ref: 'nothing' }),
        problem: /couldn't find remote ref nothing/,
      },
      {
        what: 'a protocol that is not allowed',
        source: () => ({ git: repository }),
        options: {},
        problem: /not allowed/,
      },
      {
        what: 'an option as an address',
        source: () => ({ git: '--upload-pack=touch' }),
        problem: /none that git can use/,
      },
      {
        what: 'an option as a ref',
        source: () => ({ git: `file://${repository}`, ref: '--upload-pack=x' }),
        problem: /ref must be/,
      },
      { what: 'a command as an address', source: () => ({ git: 'ext::sh -c true' }), problem: /none that git can use/ },
    ])('refuses $what in words, and leaves nothing', async ({ source, options = FILES, problem }) => {
      const before = await leftovers();
      await expect(get(source(), options)).rejects.toThrow(problem);
      expect(await leftovers()).toEqual(before);
    });

    describe('behind a password', () => {
      let server: Server;
      let asked: string[];
      let url: string;
      beforeEach(async () => {
        asked = [];
        await git('-C', repository, 'update-server-info');
        server = createServer((request, response) => {
          asked.push(request.headers.authorization ?? '');
          response
            .writeHead(request.headers.authorization ? 404 : 401, { 'WWW-Authenticate': 'Basic realm="r"' })
            .end();
        });
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
        url = `http://us%40er:t0p-s3cret@127.0.0.1:${(server.address() as AddressInfo).port}/r.git`;
      });
      afterEach(() => new Promise((resolve) => server.close(resolve)));

      it('gives the credentials to the server, and shows them nowhere', async () => {
        const seen: string[] = [];
        const getting = get({ git: url }).catch((error: unknown) => error);
        await eventually(() => {
          seen.push(...commandLinesWith('t0p-s3cret'));
          return asked.length > 1;
        });
        const error = await getting;
        expect(asked).toContain(`Basic ${Buffer.from('us@er:t0p-s3cret').toString('base64')}`);
        expect(seen).toEqual([]);
        expect(JSON.stringify([output.all, String(error)])).not.toMatch(/s3cret|us@er|us%40er/);
      });
    });

    it('stops at once when it is aborted', async () => {
      const silent = createServer(() => undefined);
      await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
      const stop = new AbortController();
      const getting = get({ git: `http://127.0.0.1:${(silent.address() as AddressInfo).port}/x` }, {}, stop.signal);
      await eventually(() => output.events.length > 0);
      stop.abort();
      await expect(getting).rejects.toThrow();
      expect(output.events.at(-1)).toMatchObject({ status: 'cancelled' });
      silent.closeAllConnections();
      await new Promise((resolve) => silent.close(resolve));
    });
  });
});
