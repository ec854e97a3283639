import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { StreamId } from '@kubidu/contracts';
import { eventually, KUBIDU, Shell } from '@kubidu/testing';
import { ScriptedServer } from '@kubidu/testing/scripted-server';

const WEB: StreamId = 'runtime:web';

let home: string;
let server: ScriptedServer;
const shells: Shell[] = [];

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'kubidu-test-cli-'));
  server = await ScriptedServer.start();
  server.services.set('web', {
    serviceId: 'web',
    pods: [{ podName: 'web-1', container: 'app', state: 'running', restart: 0 }],
  });
});

afterEach(async () => {
  for (const each of shells.splice(0)) await each[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
  rmSync(home, { recursive: true });
});

/** A command line against the scripted server. */
function shell(command: string, env: Readonly<Record<string, string>> = {}): Shell {
  const started = new Shell(command, { home, env: { KUBIDU_SERVER: server.url, ...env } });
  shells.push(started);
  return started;
}

/** Runs a command line to its end. */
async function run(command: string, env?: Readonly<Record<string, string>>): Promise<[number | null, string, string]> {
  const running = shell(command, env);
  const code = await running.exit();
  return [code, running.stdout, running.stderr];
}

function lines(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `line ${i + 1}`);
}

/** A line of `-o raw`, one for each of these numbers. */
function raw(from: number, to: number): string {
  return lines(to)
    .slice(from - 1)
    .map((line) => `${line}\n`)
    .join('');
}

describe('kubidu logs', () => {
  it('prints the newest hundred lines and nothing else', async () => {
    server.append(WEB, ...lines(150));
    expect(await run('kubidu logs web -o raw')).toEqual([0, raw(51, 150), '']);
  });

  it('prints text with the time, and no colours, into a pipe', async () => {
    server.append(WEB, '\x1b[31mred\x1b[0m\x1b[2J', { message: 'exited', stream: 'system' });
    const [code, stdout] = await run('kubidu logs web');
    expect([code, stdout]).toEqual([0, '2023-11-14T22:13:21.000Z red\n2023-11-14T22:13:22.000Z ● exited\n']);
  });

  it.each([
    ['-n 3', raw(48, 50)],
    ['-n 0', ''],
    ['-n all', raw(1, 50)],
    ['--lines 200', raw(1, 50)],
    ['--since-index 47', raw(48, 50)],
    ['--since-index 40 -n 2', raw(49, 50)],
    ['--since 2023-11-14T22:14:05Z', raw(45, 50)],
    ['--since 2023-11-14T22:14:05Z -n 2', raw(49, 50)],
    ['--until 2023-11-14T22:13:25Z', raw(1, 5)],
    ['--until 2023-11-14T22:13:25Z -n 2', raw(4, 5)],
    ['--pod web-2 -n 2', ''],
  ])('with %s prints what is meant', async (flags, stdout) => {
    server.append(WEB, ...lines(50));
    expect(await run(`kubidu logs web -o raw ${flags}`)).toEqual([0, stdout, '']);
  });

  it('prints every page of a long log, and proves it', async () => {
    server.append(WEB, ...lines(25_000));
    const [code, stdout, stderr] = await run('kubidu logs web -n all -o raw --check');
    expect([code, stderr]).toEqual([0, 'complete: 1–25,000\n']);
    expect(stdout).toBe(raw(1, 25_000));
  });

  it('prints the newest lines of one pod, however far back they are', async () => {
    const of = (podName: string) => (message: string) => ({ message, podName, container: 'app' });
    server.append(WEB, ...lines(3).map(of('web-1')), ...lines(3_000).map(of('web-2')));
    const [code, stdout] = await run('kubidu logs web -o raw --pod web-1 -n 2');
    expect([code, stdout]).toEqual([0, raw(2, 3)]);
  });

  it('finds a hole, says why, and exits with 6', async () => {
    server.append(WEB, ...lines(20));
    server.trim(WEB, 10, 'expired');
    const [code, stdout, stderr] = await run('kubidu logs web -o raw --check --since-index 5');
    expect([code, stdout]).toEqual([6, raw(11, 20)]);
    expect(stderr).toContain('incomplete: 6–20, 1 hole\n  6–10: 5 lines missing (expired)\n');
  });

  it('continues after the last line printed here', async () => {
    server.append(WEB, ...lines(5));
    expect(await run('kubidu logs web -o raw --since-last')).toEqual([0, raw(1, 5), '']);
    server.append(WEB, 'line 6', 'line 7');
    expect(await run('kubidu logs web -o raw --since-last')).toEqual([0, raw(6, 7), '']);
    expect(await run('kubidu logs web -o raw --since-last')).toEqual([0, '', '']);
    server.append(WEB, 'line 8');
    const running = shell('kubidu logs web -o raw --since-last -f');
    await eventually(() => expect(running.stdout).toBe('line 8\n'));
    running.signal('SIGINT');
    await running.exit();
    expect(await run('kubidu logs web -o raw --since-last')).toEqual([0, '', '']);
  });

  it('writes into a file', async () => {
    server.append(WEB, ...lines(5_000));
    expect(await run('kubidu logs web -n all -o raw > out.txt')).toEqual([0, '', '']);
    expect(readFileSync(join(home, 'out.txt'), 'utf8')).toBe(raw(1, 5_000));
  });

  it('knows its service from KUBIDU_SERVICE and from .kubidu.json', async () => {
    server.append(WEB, 'line 1');
    expect(await run('kubidu logs -o raw', { KUBIDU_SERVICE: 'web' })).toEqual([0, 'line 1\n', '']);
    expect((await run('kubidu link web'))[0]).toBe(0);
    expect(await run('mkdir -p a/b && cd a/b && kubidu logs -o raw')).toEqual([0, 'line 1\n', '']);
  });
});

describe('a closed pipe', () => {
  it.each(['kubidu logs web -n all -o raw | head -1', 'kubidu logs web -n all -o raw -f | grep -m1 line'])(
    'ends %s quietly with 0',
    async (command) => {
      server.append(WEB, ...lines(30_000));
      const [code, stdout, stderr] = await run(`${command}; exit \${PIPESTATUS[0]}`);
      expect([code, stdout, stderr]).toEqual([0, 'line 1\n', '']);
    },
  );

  it('ends -f although no further line comes', async () => {
    server.append(WEB, 'line 1');
    const [code, stdout, stderr] = await run('kubidu logs web -o raw -f | head -1; exit ${PIPESTATUS[0]}');
    expect([code, stdout, stderr]).toEqual([0, 'line 1\n', '']);
  });
});

describe('kubidu logs -f', () => {
  it('prints what is written, until Ctrl-C', async () => {
    server.append(WEB, ...lines(3));
    const running = shell('kubidu logs web -f -o raw -n 2 --check');
    await eventually(() => expect(running.stdout).toBe(raw(2, 3)));
    server.append(WEB, 'line 4');
    await eventually(() => expect(running.stdout).toBe(raw(2, 4)));
    running.signal('SIGINT');
    expect(await running.exit()).toBe(130);
    expect(running.stderr).toBe('complete: 2–4\n');
  });

  it('ends with 143 on SIGTERM', async () => {
    const running = shell('exec node "$BIN" logs web -f', { BIN: KUBIDU });
    await eventually(() => server.sockets === 1);
    running.signal('SIGTERM');
    expect(await running.exit()).toBe(143);
  });

  it('survives a restart with one notice each way, and misses nothing', async () => {
    server.append(WEB, ...lines(3));
    const running = shell('kubidu logs web -f -o raw');
    await eventually(() => expect(running.stdout).toBe(raw(1, 3)));
    await server.hangUp();
    server.append(WEB, ...lines(5).slice(3));
    await eventually(() => expect(running.stderr).toContain('reconnecting'));
    await server.listen();
    await eventually(() => expect(running.stdout).toBe(raw(1, 5)));
    await eventually(() =>
      expect(running.stderr).toBe(`kubidu: reconnecting to ${server.url} (connection closed)\nkubidu: reconnected\n`),
    );
  });

  it('waits for a server that is away at the start', async () => {
    server.append(WEB, 'line 1');
    await server.hangUp();
    const running = shell('kubidu logs web -f -o raw -n all');
    await eventually(() => expect(running.stderr).toBe(`kubidu: waiting for ${server.url} (connection refused)\n`));
    await server.listen();
    await eventually(() => expect(running.stdout).toBe('line 1\n'));
    await eventually(() => expect(running.stderr).toContain('kubidu: connected\n'));
  });

  it('begins where the log begins: what was gone before is no hole', async () => {
    server.append(WEB, ...lines(20));
    server.trim(WEB, 10, 'expired');
    const running = shell('kubidu logs web -f -o raw -n all --check');
    await eventually(() => expect(running.stdout).toBe(raw(11, 20)));
    running.signal('SIGINT');
    await running.exit();
    expect(running.stderr).toBe('complete: 11–20\n');
  });

  it('says which lines are gone, and goes on', async () => {
    server.append(WEB, ...lines(20));
    server.trim(WEB, 10, 'trimmed');
    const running = shell('kubidu logs web -f -o raw --since-index 8 --check');
    await eventually(() => expect(running.stdout).toBe(raw(11, 20)));
    running.signal('SIGINT');
    expect(await running.exit()).toBe(6);
    expect(running.stderr).toContain('kubidu: lines 9–10 are gone (trimmed)\n');
  });

  it('ends with 3 when its token expires, and goes on when the login is renewed in time', async () => {
    server.tokens = new Set(['first']);
    server.append(WEB, 'line 1');
    expect((await run('echo first | kubidu login'))[0]).toBe(0);
    const running = shell('kubidu logs web -f -o raw');
    await eventually(() => expect(running.stdout).toBe('line 1\n'));
    server.tokens = new Set(['first', 'second']);
    expect((await run('echo second | kubidu login'))[0]).toBe(0);
    server.tokens = new Set(['second']);
    server.disconnectAll();
    server.append(WEB, 'line 2');
    await eventually(() => expect(running.stdout).toBe(raw(1, 2)));
    server.tokens = new Set();
    server.disconnectAll();
    expect(await running.exit()).toBe(3);
    expect(running.stderr).toContain('kubidu login');
  });

  it('waits for the first line of a service that is there', async () => {
    const running = shell('kubidu logs web -f -o raw');
    await eventually(() => server.sockets === 1);
    server.append(WEB, 'line 1');
    await eventually(() => expect(running.stdout).toBe('line 1\n'));
    expect(running.stderr).toBe('');
  });
});

describe('exit codes', () => {
  it.each([
    ['kubidu logs', 2, 'which service?'],
    ['kubidu logs web --lines many', 2, 'whole number'],
    ['kubidu logs web --since yesterday', 2, '10m'],
    ['kubidu logs web --nonsense', 2, 'unknown option'],
    ['kubidu logs web -o xml', 2, 'Allowed choices'],
    ['kubidu logs web --since 1m --since-index 3', 2, 'one of'],
    ['kubidu logs we/b', 2, "no service's name"],
    ['kubidu lgos', 2, 'Did you mean logs'],
    ['kubidu', 2, 'Usage'],
    ['kubidu logs web --server nowhere', 2, 'http or https'],
    ['kubidu logs wbe', 4, 'Did you mean web?'],
    ['kubidu logs wbe -f', 4, 'Did you mean web?'],
    ['kubidu link wbe', 4, 'Did you mean web?'],
  ])('%s: %i', async (command, code, message) => {
    const [exit, stdout, stderr] = await run(command);
    expect([exit, stdout]).toEqual([code, '']);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it.each(['kubidu logs web', 'kubidu logs web -f', 'kubidu whoami', 'kubidu services'])(
    '%s: 3 without a token, and with a bad one',
    async (command) => {
      server.tokens = new Set(['good']);
      for (const env of [undefined, { KUBIDU_TOKEN: 'bad' }]) {
        const [code, stdout, stderr] = await run(command, env);
        expect([code, stdout]).toEqual([3, '']);
        expect(stderr).toContain('kubidu login');
      }
    },
  );

  it.each(['kubidu --help', 'kubidu logs --help', 'kubidu login --help', 'kubidu --version'])(
    '%s: 0',
    async (command) => {
      const [code, stdout, stderr] = await run(command);
      expect([code, stderr]).toEqual([0, '']);
      expect(stdout.length).toBeGreaterThan(4);
    },
  );

  it.each(['kubidu logs web', 'kubidu logs web -n all', 'kubidu services', 'kubidu whoami'])(
    '%s: 5 at once while the server is away',
    async (command) => {
      await server.hangUp();
      const [code, stdout, stderr] = await run(command);
      expect([code, stdout]).toEqual([5, '']);
      expect(stderr).toContain(`cannot reach ${server.url}: connection refused`);
    },
  );

  it('of a server that cannot answer: 5', async () => {
    server.httpError = { status: 503, body: { code: 'UNAVAILABLE', message: 'the store is away' } };
    const [code, , stderr] = await run('kubidu logs web');
    expect([code, stderr]).toEqual([5, `kubidu: ${server.url} cannot answer now: the store is away\n`]);
  });
});

describe('login, whoami and services', () => {
  it('remember a token for the user only, and use it', async () => {
    server.tokens = new Set(['secret']);
    const [code, stdout, stderr] = await run('echo secret | kubidu login');
    expect([code, stdout]).toEqual([0, '']);
    expect(stderr).not.toContain('secret');
    expect(statSync(join(home, 'kubidu', 'login.json')).mode & 0o777).toBe(0o600);
    expect(await run('kubidu whoami')).toEqual([0, `ada at ${server.url}\nstreams: *\n`, '']);
    expect(await run('kubidu services')).toEqual([0, 'SERVICE   PODS   STATE\nweb       1      1 running\n', '']);
  });

  it('remember no token that is refused', async () => {
    server.tokens = new Set(['secret']);
    expect((await run('echo wrong | kubidu login'))[0]).toBe(3);
    expect(existsSync(join(home, 'kubidu', 'login.json'))).toBe(false);
  });
});

describe('on a terminal', () => {
  const pty = (command: string): string => `script -qefc '${command}' /dev/null`;

  it('the time is dim, colours stay and controls go', async () => {
    server.append(WEB, '\x1b[31mred\x1b]0;owned\x07');
    const [code, stdout] = await run(pty('kubidu logs web'));
    expect(code).toBe(0);
    expect(stdout).toBe('\x1b[2m2023-11-14T22:13:21.000Z\x1b[22m \x1b[31mred\x1b[0m\r\n');
  });

  it.each([{ NO_COLOR: '1' }, { TERM: 'dumb' }])('there is no colour with %j', async (env) => {
    server.append(WEB, '\x1b[31mred');
    const [, stdout] = await run(pty('kubidu logs web'), env);
    expect(stdout).toBe('2023-11-14T22:13:21.000Z red\r\n');
  });

  it('raw is safe too, and json has no control', async () => {
    server.append(WEB, 'a\x1b[2J\x9b2Jb');
    expect((await run(pty('kubidu logs web -o raw')))[1]).toBe('ab\r\n');
    const [, stdout] = await run(pty('kubidu logs web -o json'));
    expect(JSON.parse(stdout)).toMatchObject({ index: 1, message: 'a\x1b[2J\x9b2Jb' });
    expect(stdout.trimEnd()).not.toMatch(/[\x00-\x1f\x7f-\x9f]/);
  });

  it('a build shows what is under way below its lines, and leaves nothing of that behind', async () => {
    const step = { type: 'build-step', step: 1, name: 'RUN make\x1b[2J' } as const;
    server.append('build:d-1', { stream: 'system', event: { ...step, status: 'started' }, message: 'x' });
    const running = shell(pty('kubidu logs --build d-1 -f --no-timestamps'));
    await eventually(() => expect(running.stdout).toMatch(/#1 RUN make … \d+/));
    server.append('build:d-1', { step: 1, message: 'making' });
    await eventually(() => expect(running.stdout).toContain('making'));
    server.append('build:d-1', { stream: 'system', event: { type: 'build-finished', status: 'failed' }, message: 'y' });
    server.end('build:d-1', { status: 'failed' });
    expect(await running.exit()).toBe(1);
    expect(shown(running.stdout)).toEqual([
      '#1 RUN make',
      '#1 making',
      expect.stringMatching(/^kubidu: build failed after \d/),
      '',
    ]);
  });

  it('says how far back it looked for few lines, and leaves nothing of that behind', async () => {
    const of = (podName: string) => (message: string) => ({ message, podName, container: 'app' });
    server.append(WEB, ...lines(3).map(of('web-1')), ...lines(25_000).map(of('web-2')));
    const [code, stdout] = await run(pty('kubidu logs web -o raw --pod web-1 -n 2'));
    expect(code).toBe(0);
    expect(stdout).toMatch(/kubidu: looked back to line 15,004 of 25,003/);
    expect(shown(stdout)).toEqual(['line 2', 'line 3', '']);
    expect(await run('kubidu logs web -o raw --pod web-1 -n 2')).toEqual([0, raw(2, 3), '']);
  });

  it('Ctrl-C ends -f with 130', async () => {
    server.append(WEB, 'line 1');
    const running = shell(pty('kubidu logs web -f -o raw'));
    await eventually(() => expect(running.stdout).toContain('line 1'));
    running.type('\x03');
    expect(await running.exit()).toBe(130);
  });

  it('the token is not shown while it is typed', async () => {
    server.tokens = new Set(['secret']);
    const running = shell(pty('kubidu login'));
    await eventually(() => expect(running.stdout).toContain('Token for'));
    running.type('secrex\x7ft\r');
    expect(await running.exit()).toBe(0);
    expect(running.stdout).not.toContain('secre');
    expect((await run('kubidu whoami'))[1]).toContain('ada');
  });
});

/** Lines as they stand at last on a terminal that got this: colours aside, a line that was cleared is written anew. */
function shown(output: string): string[] {
  return output
    .replace(/\x1b\[[\d;]*m/g, '')
    .split('\r\n')
    .map((line) => line.split('\r\x1b[K').at(-1) ?? '');
}

it('a reader that stalls holds nothing up but itself', async () => {
  server.append(WEB, ...lines(60_000));
  shell('mkfifo go; kubidu logs web -f -n all -o raw | (read -r first; read -r < go; cat > out.txt)');
  await eventually(() => server.sockets === 1);
  server.append(WEB, ...lines(10).map((line) => `late ${line}`));
  await run('echo > go');
  await eventually(() => expect(readFileSync(join(home, 'out.txt'), 'utf8')).toContain('late line 10\n'));
  const text = readFileSync(join(home, 'out.txt'), 'utf8');
  expect(text.split('\n').length - 1).toBe(60_009);
});
