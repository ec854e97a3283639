import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { LogEvent, NewEntry, StreamId } from '@kubidu/contracts';
import { RunningCli, eventually } from '@kubidu/testing';
import { ScriptedServer } from '@kubidu/testing/scripted-server';

const BUILD: StreamId = 'build:d-1';

let folder: string;
let server: ScriptedServer;
const running: RunningCli[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kubidu-test-deploy-'));
  server = await ScriptedServer.start();
});

afterEach(async () => {
  for (const cli of running.splice(0)) await cli[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

function files(content: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(content)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

async function kubidu(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<RunningCli> {
  const cli = await RunningCli.start(args, { cwd: folder, env: { KUBIDU_SERVER: server.url, ...env } });
  running.push(cli);
  return cli;
}

async function run(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<[number, string, string]> {
  const cli = await kubidu(args, env);
  return [await cli.exit(), cli.stdout, cli.stderr];
}

const line = (step: number, message: string): Partial<NewEntry> => ({ step, message, stream: 'stdout' });
const event = (value: LogEvent): Partial<NewEntry> => ({ stream: 'system', message: value.type, event: value });
const started = (step: number, name: string) => event({ type: 'build-step', step, name, status: 'started' });

/** A build that fails in its second step, which writes 25 lines. */
function failingBuild(): void {
  server.append(BUILD, started(1, 'FROM node'), line(1, 'pulling'), started(2, '[build 2/2] RUN make'));
  server.append(
    BUILD,
    event({ type: 'build-step', step: 1, name: 'FROM node', status: 'succeeded', durationMs: 1_200 }),
  );
  for (let n = 1; n <= 25; n++) server.append(BUILD, line(2, `make ${n}`));
  const failed = { type: 'build-step', step: 2, name: '[build 2/2] RUN make', durationMs: 3_000 } as const;
  server.append(BUILD, event({ ...failed, status: 'failed' }));
  server.append(BUILD, event({ type: 'build-finished', status: 'failed', exitCode: 2 }));
  server.end(BUILD, { status: 'failed', exitCode: 2 });
}

function succeed(): void {
  server.append(BUILD, started(1, 'RUN true'), line(1, 'hello'));
  server.append(BUILD, event({ type: 'build-finished', status: 'succeeded', exitCode: 0, image: 'sha256:abc' }));
  server.end(BUILD, { status: 'succeeded', exitCode: 0 });
}

/** Names in an uploaded archive, as tar lists them. */
function namesIn(archive: Buffer): string[] {
  const { stdout } = spawnSync('tar', ['-tz'], { input: archive, encoding: 'utf8' });
  return stdout.split('\n').filter((name) => name !== '');
}

describe('kubidu deploy', () => {
  it('sends the folder, queues a build of it, prints its log, and exits with 0 when it succeeded', async () => {
    files({ Dockerfile: 'FROM scratch', 'src/app.js': 'x', '@odd': 'x', 'empty/.keep': '' });
    symlinkSync('src/app.js', join(folder, 'link'));
    server.onDeployment = succeed;
    const [code, stdout, stderr] = await run(['deploy', '--service', 'web']);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringMatching(
        /uploaded 4 files, 14 B.*\n.*deployment d-1 of web is queued\n.*build succeeded in .* sha256:abc\n$/,
      ),
    });
    expect(stdout).toMatch(/^\S+ #1 RUN true\n\S+ #1 hello\n\S+ ● build-finished\n$/);
    expect(server.asked).toEqual([{ serviceId: 'web', source: { upload: 'u-1' }, dockerfile: 'Dockerfile' }]);
    expect(namesIn(server.uploads.get('u-1') as Buffer)).toEqual([
      './@odd',
      './Dockerfile',
      './empty/',
      './empty/.keep',
      './link',
      './src/',
      './src/app.js',
    ]);
    expect(server.requests[0]).toBe('POST /api/deployments/uploads?serviceId=web');
  });

  it('leaves out what .dockerignore names, but never the Dockerfile and the rules', async () => {
    files({
      'docker/Dockerfile': 'FROM scratch',
      '.dockerignore': 'node_modules\n*.log\ndocker\n.dockerignore\ndata\n!data/kept\n',
      'node_modules/a/index.js': 'x',
      'x.log': 'x',
      'data/gone': 'x',
      'data/kept': 'x',
    });
    server.onDeployment = succeed;
    expect((await run(['deploy', '--service', 'web', '-f', 'docker/Dockerfile']))[0]).toBe(0);
    expect(server.asked[0]).toMatchObject({ dockerfile: 'docker/Dockerfile' });
    expect(namesIn(server.uploads.get('u-1') as Buffer)).toEqual([
      './.dockerignore',
      './data/',
      './data/kept',
      './docker/',
      './docker/Dockerfile',
    ]);
  });

  it('exits with 1 when the build failed; what failed is repeated on stderr with its last 20 lines', async () => {
    files({ Dockerfile: 'FROM scratch' });
    server.onDeployment = failingBuild;
    const [code, stdout, stderr] = await run(['deploy', '--service', 'web', '--no-timestamps']);
    expect(code).toBe(1);
    expect(stdout.split('\n').slice(0, 5)).toEqual([
      '#1 FROM node',
      '#1 pulling',
      '#2 [build 2/2] RUN make',
      '#1 DONE 1.2 s',
      '#2 make 1',
    ]);
    expect(stdout).toContain('#2 FAILED 3.0 s\n');
    expect(stdout.match(/make 25\n/g)).toHaveLength(1);
    const recap = stderr.slice(stderr.indexOf('#2 '));
    expect(recap.split('\n')).toEqual([
      '#2 [build 2/2] RUN make failed after 3.0 s; its last 20 lines:',
      ...Array.from({ length: 20 }, (_, n) => `  make ${n + 6}`),
      expect.stringMatching(/^kubidu: build failed after .* with exit code 2$/),
      '',
    ]);
  });

  it.each([
    { status: 'cancelled' as const, says: /build cancelled/ },
    { status: 'lost' as const, says: /build lost/ },
  ])('exits with 1 when the build was $status, also where no entry says so', async ({ status, says }) => {
    files({ Dockerfile: 'FROM scratch' });
    server.onDeployment = () => server.end(BUILD, { status });
    const [code, , stderr] = await run(['deploy', '--service', 'web']);
    expect(code).toBe(1);
    expect(stderr).toMatch(says);
  });

  it('on Ctrl-C cancels the build, prints what it still says, and exits with 130', async () => {
    files({ Dockerfile: 'FROM scratch' });
    const cli = await kubidu(['deploy', '--service', 'web', '-o', 'raw']);
    server.onDeployment = (_, what) => {
      server.append(BUILD, line(1, what));
      if (what === 'cancelled') server.end(BUILD, { status: 'cancelled' });
    };
    await eventually(() => cli.stdout.includes('queued'));
    cli.signal('SIGINT');
    expect(await cli.exit()).toBe(130);
    expect(cli.stdout).toBe('queued\ncancelled\n');
    expect(server.requests).toContain('DELETE /api/deployments/d-1');
  });

  it('on a second Ctrl-C leaves at once', async () => {
    files({ Dockerfile: 'FROM scratch' });
    server.onDeployment = () => server.append(BUILD, line(1, 'busy'));
    const cli = await kubidu(['deploy', '--service', 'web']);
    await eventually(() => cli.stdout.includes('busy'));
    cli.signal('SIGINT');
    await eventually(() => server.requests.includes('DELETE /api/deployments/d-1'));
    cli.signal('SIGINT');
    expect(await cli.exit()).toBe(130);
  });

  it('survives a restart of the server and prints each line once', async () => {
    files({ Dockerfile: 'FROM scratch' });
    server.onDeployment = () => server.append(BUILD, line(1, 'one'), line(1, 'two'));
    const cli = await kubidu(['deploy', '--service', 'web', '-o', 'raw']);
    await eventually(() => cli.stdout.includes('two'));
    await server.hangUp();
    server.append(BUILD, line(1, 'three'));
    await server.listen();
    succeed();
    expect(await cli.exit()).toBe(0);
    expect(cli.stdout).toBe('one\ntwo\nthree\nhello\n');
  });

  it('sends secrets and arguments, and nothing of a secret is shown', async () => {
    files({ Dockerfile: 'FROM scratch', 'key.pem': 'two\nlines' });
    server.onDeployment = succeed;
    const args = ['--secret', 'id=NPM', '--secret', 'id=key,src=key.pem', '--secret', 'id=other,env=VALUE'];
    const more = ['--build-arg', 'A=1=2', '--build-arg', 'FROM_ENV', '--target', 'prod', '--no-cache'];
    const env = { NPM: 'hunter2', VALUE: 'v', FROM_ENV: 'e', KUBIDU_SERVICE: 'web' };
    const [code, stdout, stderr] = await run(['deploy', ...args, ...more], env);
    expect(code).toBe(0);
    expect(stdout + stderr).not.toContain('hunter2');
    expect(server.asked).toEqual([
      {
        serviceId: 'web',
        source: { upload: 'u-1' },
        dockerfile: 'Dockerfile',
        target: 'prod',
        noCache: true,
        buildArgs: { A: '1=2', FROM_ENV: 'e' },
        secrets: { NPM: 'hunter2', key: 'two\nlines', other: 'v' },
      },
    ]);
  });

  it('asks for a repository without sending anything', async () => {
    const git = 'https://example.com/app.git';
    const [code, stdout] = await run(['deploy', '--service', 'web', '--git', git, '--ref', 'main', '--detach']);
    expect([code, stdout]).toEqual([0, 'd-1\n']);
    expect(server.asked).toEqual([{ serviceId: 'web', source: { git, ref: 'main' } }]);
    expect(server.uploads.size).toBe(0);
  });

  it('of a folder that is too large names the limit, the largest parts and .dockerignore', async () => {
    files({ Dockerfile: 'FROM scratch', 'small.txt': 'x' });
    mkdirSync(join(folder, 'node_modules'));
    writeFileSync(join(folder, 'node_modules/big'), randomBytes(200_000));
    server.maxUploadBytes = 100_000;
    const [code, stdout, stderr] = await run(['deploy', '--service', 'web']);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/larger than 100000 bytes[^]*200 kB {2}node_modules[^]*\.dockerignore/);
  });

  it.each([
    { args: ['deploy'], says: 'which service?' },
    { args: ['deploy', 'none', '--service', 'web'], says: 'there is no folder' },
    { args: ['deploy', '--service', 'web'], says: 'Dockerfile' },
    { args: ['deploy', '--service', 'web', '-f', 'other'], says: 'a file other' },
    { args: ['deploy', '.', '--git', 'x', '--service', 'web'], says: 'not both' },
    { args: ['deploy', '--ref', 'main', '--service', 'web'], says: '--git' },
    { args: ['deploy', '--service', 'web', '--git', 'x', '--secret', 'id=UNSET'], says: 'UNSET is not set' },
    { args: ['deploy', '--service', 'web', '--git', 'x', '--secret', 'hunter=2'], says: 'no field "hunter"' },
    { args: ['deploy', '--service', 'web', '--git', 'x', '--build-arg', '=x'], says: 'NAME=value' },
  ])('$args is a usage error that says $says', async ({ args, says }) => {
    const [code, stdout, stderr] = await run(args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(says);
    expect(server.asked).toEqual([]);
  });

  it('on a server that builds nothing says so, and exits with 5', async () => {
    server.httpError = { status: 503, body: { code: 'UNAVAILABLE', message: 'this server builds nothing' } };
    const [code, , stderr] = await run(['deploy', '--service', 'web', '--git', 'x']);
    expect(code).toBe(5);
    expect(stderr).toContain('this server builds nothing');
  });
});

describe('kubidu logs --build', () => {
  beforeEach(() => {
    const deployment = { serviceId: 'web', status: 'running', createdAt: '2026-11-20T23:16:57Z' } as const;
    server.deployments.set('d-0', { ...deployment, deploymentId: 'd-0' });
    server.deployments.set('d-1', { ...deployment, deploymentId: 'd-1' });
    server.deployments.set('d-2', { ...deployment, deploymentId: 'd-2', serviceId: 'api' });
  });

  it.each([
    { args: ['logs', 'web', '--build'] },
    { args: ['logs', '--build', 'd-1'] },
    { args: ['logs', '--build', '-o', 'text'] },
  ])('$args prints all of it and ends, with 0 whatever came of it', async ({ args }) => {
    failingBuild();
    const [code, stdout, stderr] = await run([...args, '--check'], {
      KUBIDU_SERVICE: args.includes('d-1') ? '' : 'web',
    });
    expect(code).toBe(0);
    expect(stdout.match(/#2 make \d+\n/g)).toHaveLength(25);
    expect(stderr).toMatch(/its last 20 lines:[^]*build failed [^]*complete: 1–31\n$/);
  });

  it('with -f exits with 1 when the build failed, and with 0 when it succeeded', async () => {
    failingBuild();
    expect((await run(['logs', '--build', 'd-1', '-f']))[0]).toBe(1);
    server.append('build:d-0', line(1, 'fine'));
    server.end('build:d-0', { status: 'succeeded', exitCode: 0 });
    expect(await run(['logs', '--build', 'd-0', '-f', '-o', 'raw'])).toEqual([
      0,
      'fine\n',
      'kubidu: build succeeded\n',
    ]);
  });

  it('waits for the first line of a build that is queued', async () => {
    const cli = await kubidu(['logs', 'web', '--build', '-f', '-o', 'raw']);
    await eventually(() => server.subscribed.length === 1);
    succeed();
    expect(await cli.exit()).toBe(0);
    expect(cli.stdout).toBe('hello\n');
  });

  it('takes the flags of other logs', async () => {
    failingBuild();
    const raw = async (...args: string[]) => (await run(['logs', '--build', 'd-1', '-o', 'raw', ...args]))[1];
    expect(await raw('-n', '2')).toBe('make 24\nmake 25\n');
    expect(await raw('--since-index', '27')).toBe('make 24\nmake 25\n');
    const json = (await run(['logs', '--build', 'd-1', '-o', 'json', '-n', '1']))[1];
    expect(JSON.parse(json)).toMatchObject({ index: 31, event: { type: 'build-finished' } });
  });

  it('lets no terminal escape through, from a line, a step’s name or an image', async () => {
    server.append(BUILD, started(1, 'RUN \x1b]0;evil\x07x'), line(1, 'a\x1b[2Jb'));
    server.append(BUILD, event({ type: 'build-step', step: 1, name: 'RUN \x1b[2J', status: 'failed' }));
    server.append(BUILD, event({ type: 'build-finished', status: 'failed', image: 'x\x1b[2J' }));
    const [, stdout, stderr] = await run(['logs', '--build', 'd-1', '--color', 'always']);
    expect(stdout + stderr).not.toMatch(/\x1b\]|\x1b\[2J|\x07/);
  });

  it('of an unknown deployment or a service without any says so, and exits with 4', async () => {
    for (const args of [
      ['logs', '--build', 'none'],
      ['logs', '--build', 'none', '-f'],
      ['logs', 'other', '--build'],
    ]) {
      const [code, stdout, stderr] = await run(args);
      expect([code, stdout]).toEqual([4, '']);
      expect(stderr).toContain('no deployment');
    }
    expect((await run(['logs', 'web', '--build', 'd-1']))[0]).toBe(2);
  });
});
