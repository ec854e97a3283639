import { readFileSync } from 'node:fs';
import { mkdtemp, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, it } from '@jest/globals';
import { LogsError } from '@kubidu/core';
import { eventually, RecordingSink } from '@kubidu/testing';
import { describeLogSource } from '@kubidu/testing/log-source.conformance';

import { groupRuns } from './process-group.ts';
import { ProcessLogSource } from './process-log-source.ts';
import type { ProcessLogSourceOptions } from './process-log-source.ts';

/** A source in a folder of its own; disposing closes it and removes that. */
async function open(procfile: string, options: Partial<ProcessLogSourceOptions> = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'kubidu-test-'));
  await writeFile(join(folder, 'Procfile'), procfile);
  const source = await ProcessLogSource.open({
    procfile: join(folder, 'Procfile'),
    dataDir: join(folder, 'data'),
    restartMs: 20,
    ...options,
  });
  return {
    source,
    folder,
    [Symbol.asyncDispose]: async () => {
      await source.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** Follows `app` for as long as the source lives. */
function follow(source: ProcessLogSource, serviceId = 'app', sink = new RecordingSink()) {
  return { sink, ended: source.follow(serviceId, sink, new AbortController().signal) };
}

const onChange = () => undefined;

describeLogSource('the processes of a Procfile', {
  capabilities: { rereadable: false, separatesOutputs: true },
  open: async ({ script, replicas }) => {
    const opened = await open(
      'app: SCRATCH="$PWD/$KUBIDU_POD_NAME"; mkdir -p "$SCRATCH"; export SCRATCH; exec sh ./app.sh\n',
      {
        formation: `app=${replicas}`,
      },
    );
    await writeFile(join(opened.folder, 'app.sh'), script);
    await opened.source.start(onChange);
    return {
      source: opened.source,
      serviceId: 'app',
      stop: async () => {
        await Promise.race([opened.source.close(), Promise.resolve()]);
      },
      [Symbol.asyncDispose]: opened[Symbol.asyncDispose],
    };
  },
});

describe('the processes of a Procfile', () => {
  it('bear the names, ports and numbers of their formation, and nothing of our settings', async () => {
    await using opened = await open(
      'app: echo "$KUBIDU_POD_NAME $KUBIDU_SERVICE_ID $GREETING $KUBIDU_JWT_SECRET $PORT"; sleep 60\n',
      {
        formation: 'app=3',
        env: { PATH: process.env['PATH'], GREETING: 'hello', KUBIDU_JWT_SECRET: 'secret' },
      },
    );
    await opened.source.start(onChange);
    const { sink } = follow(opened.source);
    await eventually(() => sink.lines().length === 3);
    const said = sink.messages().map((message) => message.split(' '));
    expect(said.map((words) => words.slice(0, 4)).sort()).toEqual([
      ['app.1', 'app', 'hello', ''],
      ['app.2', 'app', 'hello', ''],
      ['app.3', 'app', 'hello', ''],
    ]);
    expect(new Set(said.map((words) => words[4])).size).toBe(3);
    expect(sink.lines()[0]).toMatchObject({ container: 'app', restart: 0, stream: 'stdout' });
  });

  it('may open /dev/stdout and /dev/stderr', async () => {
    await using opened = await open('app: echo out > /dev/stdout; echo err > /dev/stderr; sleep 60\n');
    await opened.source.start(onChange);
    const { sink } = follow(opened.source);
    await eventually(() => sink.lines().length === 2);
    expect(
      sink
        .lines()
        .map(({ stream, message }) => `${stream} ${message}`)
        .sort(),
    ).toEqual(['stderr err', 'stdout out']);
  });

  it('run before anybody follows, and nothing of it is lost', async () => {
    await using opened = await open('app: echo first; touch ran; echo second; sleep 60\n');
    await opened.source.start(onChange);
    await eventually(async () => (await readdir(opened.folder)).includes('ran'));
    const { sink } = follow(opened.source);
    await eventually(() => sink.lines().length === 2);
    expect(sink.messages()).toEqual(['first', 'second']);
  });

  it('tell by which signal they died', async () => {
    await using opened = await open('app: kill -KILL $$\n', { restartMs: 60_000 });
    await opened.source.start(onChange);
    const { sink } = follow(opened.source);
    await eventually(() => sink.events('container-exited').length === 1);
    expect(sink.events('container-exited')[0]?.event).toEqual({
      type: 'container-exited',
      exitCode: 137,
      reason: 'Error',
      signal: 'SIGKILL',
      restart: 0,
    });
    expect(sink.writing).toEqual([{ podName: 'app.1', container: 'app', state: 'waiting' }]);
  });

  it('take everything with them that they started, even what holds their output', async () => {
    await using opened = await open('app: sleep 61 & echo $!; exit 1\n', { restartMs: 60_000 });
    await opened.source.start(onChange);
    const { sink } = follow(opened.source);
    await eventually(() => sink.events('container-exited').length === 1);
    await eventually(() => !isRunning(Number(sink.messages()[0])));
  });

  it('do not wait for a process that left their group with their output in its hands, and end it too in the end', async () => {
    const opened = await open('app: setsid sh -c "echo \\$\\$; exec sleep 62" & sleep 0.1; exit 1\n', {
      restartMs: 60_000,
    });
    {
      await using _ = opened;
      await opened.source.start(onChange);
      const { sink } = follow(opened.source);
      await eventually(() => sink.events('container-exited').length === 1);
      const escaped = Number(sink.messages()[0]);
      expect(isRunning(escaped)).toBe(true);
      await opened.source.close();
      await eventually(() => !isRunning(escaped));
    }
  });

  it('that cannot run at all are tried again like those that crash', async () => {
    await using opened = await open('app: /nonexistent/program\n');
    await opened.source.start(onChange);
    const { sink } = follow(opened.source);
    await eventually(() => sink.events('container-exited').length >= 2);
    expect(sink.events('container-exited')[0]?.event).toMatchObject({ exitCode: 127, reason: 'Error' });
    expect(sink.messages()[0]).toContain('/nonexistent/program');
  });

  it('that ignore SIGTERM are killed, and nothing survives the close', async () => {
    await using opened = await open('app: trap "" TERM; echo $$; while :; do sleep 0.05; done\n', { graceMs: 200 });
    await opened.source.start(onChange);
    const { sink } = follow(opened.source);
    await eventually(() => sink.lines().length === 1);
    await opened.source.close();
    const pid = Number(sink.messages()[0]);
    expect(isRunning(pid) || (await groupRuns(pid))).toBe(false);
    expect(sink.events('container-exited')[0]?.event).toMatchObject({ exitCode: 137, signal: 'SIGKILL' });
  });

  it.each([
    { command: `sh -c 'trap "exit 7" TERM; echo up; while :; do sleep 0.05; done'`, exitCode: 7 },
    { command: `exec sh -c 'trap "exit 7" TERM; echo up; while :; do sleep 0.05; done'`, exitCode: 7 },
    { command: 'echo up; while :; do sleep 0.05; done', exitCode: 143 },
    { command: 'echo up; sleep 60', exitCode: 143 },
    {
      command:
        "node -e \"process.on('SIGTERM', () => process.exit(9)); console.log('up'), setInterval(Date, 1e6)\" 2>&1",
      exitCode: 9,
    },
  ])('pass on how their program ended when they were stopped: $command', async ({ command, exitCode }) => {
    await using opened = await open(`app: ${command}\n`);
    await opened.source.start(onChange);
    const { sink } = follow(opened.source);
    await eventually(() => sink.messages().includes('up'));
    await opened.source.close();
    expect(sink.events('container-exited').map(({ event }) => event.exitCode)).toEqual([exitCode]);
  });

  it('are what we see the end of, not their shell', async () => {
    await using opened = await open('app: sleep 60\n', { restartMs: 60_000 });
    await opened.source.start(onChange);
    const { sink } = follow(opened.source);
    await eventually(() => sink.events('container-started').length === 1);
    await eventually(() => childNames().includes('sleep'));
    await opened.source.close();
    expect(sink.events('container-exited')[0]?.event).toMatchObject({ exitCode: 143, signal: 'SIGTERM' });
    expect(sink.messages()).toEqual([]);
  });

  it('leave no record of a run that ended well', async () => {
    await using opened = await open('app: echo hello; sleep 60\n');
    await opened.source.start(onChange);
    const { sink, ended } = follow(opened.source);
    await eventually(() => sink.lines().length === 1);
    expect(await readdir(join(opened.folder, 'data', 'processes'))).toHaveLength(1);
    await opened.source.close();
    await ended;
    expect(await readdir(join(opened.folder, 'data', 'processes'))).toEqual([]);
  });

  it('whose last lines were not stored say so to the next follower, before anything else', async () => {
    await using opened = await open('app: echo hello; while sleep 0.05; do echo more; done\n');
    await opened.source.start(onChange);
    const failing = new RecordingSink();
    const { ended } = follow(opened.source, 'app', failing);
    await eventually(() => failing.lines().length > 1);
    failing.fail();
    await expect(ended).rejects.toMatchObject({ code: 'CONFLICT' });
    const { sink } = follow(opened.source);
    await eventually(() => sink.lines().length > 1);
    expect(sink.entries[0]).toMatchObject({
      podName: 'app.1',
      event: { type: 'lost', reason: 'not-stored', podName: 'app.1', container: 'app' },
    });
    expect(sink.events('lost')).toHaveLength(1);
  });

  it('of a dead run are told as lost, once each', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kubidu-test-'));
    const dead = {
      runId: 'deadbeef0000',
      owner: { pid: 4_000_000, startedAt: '1' },
      alive: [
        {
          source: 'deadbeef0000/app.1/3',
          serviceId: 'app',
          labels: { podName: 'app.1', container: 'app', restart: 3 },
        },
        {
          source: 'deadbeef0000/gone.1/0',
          serviceId: 'gone',
          labels: { podName: 'gone.1', container: 'gone', restart: 0 },
        },
      ],
    };
    await mkdir(join(folder, 'processes'), { recursive: true });
    await writeFile(join(folder, 'processes', 'dead.json'), JSON.stringify(dead));
    await writeFile(join(folder, 'processes', 'torn.json'), '{"runId":');
    const sink = new RecordingSink();
    for (const run of [1, 2]) {
      await using opened = await open('app: echo hello; sleep 60\n', { dataDir: folder });
      await opened.source.start(onChange);
      const { ended } = follow(opened.source, 'app', sink);
      await eventually(() => sink.lines().length === run);
      await opened.source.close();
      await ended;
    }
    expect(sink.entries[0]).toMatchObject({
      podName: 'app.1',
      restart: 3,
      event: { type: 'lost', reason: 'collector-restarted', podName: 'app.1', container: 'app' },
    });
    expect(sink.events('lost')).toHaveLength(1);
    expect(await readdir(join(folder, 'processes'))).toEqual([]);
    expect(sink.known().filter((source) => source.startsWith('dead'))).toEqual([]);
    await rm(folder, { recursive: true });
  });

  it('of a dead run whose end was stored before it died are not told as lost', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kubidu-test-'));
    const life = { source: 'deadbeef0000/app.1/3', serviceId: 'app', labels: { podName: 'app.1', container: 'app' } };
    const dead = { runId: 'deadbeef0000', owner: { pid: 4_000_000, startedAt: '1' }, alive: [life] };
    await mkdir(join(folder, 'processes'), { recursive: true });
    await writeFile(join(folder, 'processes', 'deadbeef0000.json'), JSON.stringify(dead));
    const sink = new RecordingSink();
    sink.cursors.set(life.source, '12 exited');
    {
      await using opened = await open('app: echo hello; sleep 60\n', { dataDir: folder });
      await opened.source.start(onChange);
      follow(opened.source, 'app', sink);
      await eventually(() => sink.lines().length === 1);
    }
    expect(sink.events('lost')).toEqual([]);
    expect(sink.cursors.has(life.source)).toBe(false);
    await rm(folder, { recursive: true });
  });

  it('leave at most two cursors each behind, however often they crash', async () => {
    await using opened = await open('app: echo hello; exit 1\n', { restartMs: 1, formation: 'app=2' });
    await opened.source.start(onChange);
    const { sink } = follow(opened.source);
    let most = 0;
    await eventually(() => {
      most = Math.max(most, sink.cursors.size);
      return sink.events('container-exited').length >= 16;
    });
    expect(most).toBeLessThanOrEqual(4);
    expect(sink.lines()).toHaveLength(sink.events('container-exited').length);
  });

  it('of earlier runs, and those that ended while nobody followed, are forgotten; what others wrote is not', async () => {
    await using opened = await open('app: echo hello; [ -e ran ] && sleep 60; touch ran\n');
    await opened.source.start(onChange);
    const sink = new RecordingSink();
    const pod = '5d2f1c9e-8a40-4f5e-9d0b-1f2e3d4c5b6a/app/0';
    for (const source of ['0123456789ab/app.1/0', '0123456789ab/app.1/7', pod]) sink.cursors.set(source, '3 exited');
    const stop = new AbortController();
    const first = opened.source.follow('app', sink, stop.signal);
    await eventually(() => sink.events('container-started').length === 2);
    expect(sink.known().filter((source) => source.startsWith('0123456789ab'))).toEqual([]);
    stop.abort();
    await first;
    const [own = ''] = sink.known().filter((source) => source !== pod);
    sink.cursors.set(own.replace(/\d+$/, '99'), '1 exited');
    follow(opened.source, 'app', sink);
    await eventually(() => !sink.known().some((source) => source.endsWith('/99')));
    expect(sink.known()).toEqual([pod, own.replace(/\d+$/, '1')]);
  });

  it('are not followed twice at once, and not where they are unknown', async () => {
    await using opened = await open('app: sleep 60\n');
    await opened.source.start(onChange);
    const { ended } = follow(opened.source);
    await expect(follow(opened.source).ended).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(follow(opened.source, 'web').ended).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await opened.source.close();
    await ended;
  });

  it('need a Procfile', async () => {
    const missing = ProcessLogSource.open({ procfile: '/nonexistent/Procfile', dataDir: '/nonexistent' });
    await expect(missing).rejects.toBeInstanceOf(LogsError);
    await expect(missing).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});

/** What has died but is not yet collected does not run. */
function isRunning(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}

/** Names of the programs that we are the parent of. */
function childNames(): string[] {
  const children = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'latin1').trim();
  return children.split(' ').map((pid) => readFileSync(`/proc/${pid}/comm`, 'latin1').trim());
}
