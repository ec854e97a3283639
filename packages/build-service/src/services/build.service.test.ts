import { describe, expect, it } from '@jest/globals';
import { LogsError, MemoryDeployments, MemoryLeases, MemoryLogStore } from '@kubidu/core';
import type { SourceWriter } from '@kubidu/core';
import { eventually } from '@kubidu/testing';

import { BuildContext } from '../testing/build-context.ts';
import { abortOf, ScriptedBuilder } from '../testing/scripted-builder.ts';
import type { BuildScript } from '../testing/scripted-builder.ts';
import { ServiceFixture } from '../testing/service-fixture.ts';
import type { BuildServiceOptions } from './build.service.ts';

const at = '2026-11-20T10:00:00.000000001Z';
const says = (message: string) => [{ timestamp: at, message }];
const succeeds: BuildScript = (output) => {
  output.lines(says('hello'), 'stdout', 5);
  return Promise.resolve({ status: 'succeeded', exitCode: 0, digest: 'sha256:d' });
};
const waits: BuildScript = async (output, signal) => {
  output.event({ type: 'build-step', step: 5, name: 'RUN wait', status: 'started' }, at);
  output.lines(says('waiting'), 'stdout', 5);
  await abortOf(signal);
  return { status: 'cancelled' };
};

describe('BuildService', () => {
  const on = { store: new MemoryLogStore(), leases: new MemoryLeases(), deployments: new MemoryDeployments() };
  let count = 0;
  const open = (script: BuildScript, options: Partial<BuildServiceOptions> = {}) =>
    ServiceFixture.open(on, new ScriptedBuilder(script), options);
  const context = () => BuildContext.write('FROM scratch');
  const newId = () => `build-${++count}`;
  const recordOf = ({ deploymentId }: { readonly deploymentId: string }) => on.deployments.get(deploymentId);

  it('writes what a build says, then how it ended, to its stream and its record', async () => {
    await using fixture = await open(succeeds, { imageOf: () => ({ name: 'registry:5000/web:1', push: true }) });
    await using source = await context();
    const job = await fixture.job(source.path, newId());
    await fixture.run(job).done;
    expect(await fixture.entries(job)).toMatchObject([
      { index: 1, message: 'hello', stream: 'stdout', step: 5, timestamp: at },
      {
        message: 'build succeeded: registry:5000/web@sha256:d',
        event: { type: 'build-finished', status: 'succeeded', exitCode: 0, image: 'registry:5000/web@sha256:d' },
      },
    ]);
    expect((await fixture.head(job)).ended).toEqual({ status: 'succeeded', exitCode: 0 });
    expect(await recordOf(job)).toMatchObject({
      ...{ status: 'succeeded', exitCode: 0, image: 'registry:5000/web@sha256:d' },
      ...{ startedAt: expect.any(String), endedAt: expect.any(String) },
    });
  });

  it('tells of each append to its stream, lines and all', async () => {
    const appended = { lines: 0, bytes: 0 };
    await using fixture = await open(succeeds, {
      onAppend: ({ stream, lines, bytes }) => {
        expect(stream).toMatch(/^build:/);
        appended.lines += lines;
        appended.bytes += bytes;
      },
    });
    await using source = await context();
    const job = await fixture.job(source.path, newId());
    await fixture.run(job).done;
    expect(appended).toEqual({ lines: (await fixture.entries(job)).length, bytes: expect.any(Number) });
    expect(appended.bytes).toBeGreaterThan(0);
  });

  it.each<{ what: string; script: BuildScript; status: string; words: string }>([
    {
      ...{ what: 'fails', status: 'failed', words: 'step 5 failed\nbecause' },
      script: () => Promise.resolve({ status: 'failed', exitCode: 3, problem: 'step 5 failed\nbecause' }),
    },
    {
      ...{ what: 'finds no engine', status: 'failed', words: 'no engine' },
      script: () => Promise.reject(new LogsError('UNAVAILABLE', 'no engine')),
    },
    {
      ...{ what: 'meets a defect of ours', status: 'failed', words: 'because of its worker' },
      script: () => Promise.reject(new TypeError('secret')),
    },
  ])('says in words why a build $what, before its last entry', async ({ script, status, words }) => {
    await using fixture = await open(script);
    await using source = await context();
    const job = await fixture.job(source.path, newId());
    await fixture.run(job).done;
    const entries = await fixture.entries(job);
    expect(
      entries
        .slice(0, -1)
        .map(({ message }) => message)
        .join('\n'),
    ).toContain(words);
    expect(entries.slice(0, -1).every(({ stream }) => stream === 'stderr')).toBe(true);
    expect(entries.at(-1)).toMatchObject({ event: { type: 'build-finished', status } });
    expect(await recordOf(job)).toMatchObject({ status });
  });

  it('fails a build whose folder may not be built', async () => {
    await using fixture = await open(succeeds);
    const job = await fixture.job('/etc', newId());
    await fixture.run(job).done;
    expect(await fixture.messages(job)).toEqual([expect.stringMatching(/may not be built here/)]);
  });

  it('stops a build that takes too long, and says so last', async () => {
    await using fixture = await open(waits, { timeoutMs: 60 });
    await using source = await context();
    const job = await fixture.job(source.path, newId());
    await fixture.run(job).done;
    expect(await fixture.messages(job)).toEqual(['waiting', 'the build took longer than 0.06 s and was stopped']);
    expect((await fixture.head(job)).ended).toEqual({ status: 'failed' });
  });

  it('ends a build that somebody cancels as cancelled, also before it begins', async () => {
    await using fixture = await open(waits);
    await using source = await context();
    const job = await fixture.job(source.path, newId());
    const running = fixture.run(job);
    await eventually(async () => (await fixture.messages(job)).includes('waiting'));
    running.cancel();
    await running.done;
    expect((await fixture.head(job)).ended).toEqual({ status: 'cancelled' });
    const next = await fixture.job(source.path, newId());
    await on.deployments.change(next.deploymentId, { cancelRequested: true });
    await fixture.run(next).done;
    expect(await fixture.entries(next)).toMatchObject([{ event: { type: 'build-finished', status: 'cancelled' } }]);
    expect(await recordOf(next)).toMatchObject({ status: 'cancelled' });
  });

  it('leaves the stream of a job that it gives back open; the next attempt says so, and its steps go on', async () => {
    await using source = await context();
    await using first = await open(waits);
    const job = await first.job(source.path, newId());
    const running = first.run(job);
    await eventually(async () => (await first.messages(job)).includes('waiting'));
    running.giveBack();
    await running.done;
    expect((await first.head(job)).ended).toBeUndefined();
    await using second = await open(succeeds);
    await second.run(job, 2).done;
    expect((await second.entries(job)).slice(2)).toMatchObject([
      { event: { type: 'lost', reason: expect.stringMatching(/begins anew/) } },
      { message: 'hello', step: 11 },
      { event: { type: 'build-finished', status: 'succeeded' } },
    ]);
  });

  it('ends the stream of an abandoned job as lost', async () => {
    await using fixture = await open(succeeds);
    const job = await fixture.job('/nowhere', newId());
    await fixture.service.abandoned(job);
    await fixture.service.abandoned(job);
    expect(await fixture.entries(job)).toMatchObject([
      { event: { type: 'lost' } },
      { event: { type: 'build-finished', status: 'lost' } },
    ]);
    expect(await recordOf(job)).toMatchObject({ status: 'lost', endedAt: expect.any(String) });
  });

  it('only corrects the record of a build whose stream has ended already', async () => {
    await using fixture = await open(() => Promise.reject(new Error('built again')));
    const job = await fixture.job('/nowhere', newId());
    await on.store.append(`build:${job.deploymentId}`, ['{"message":"before"}']);
    await on.store.end(`build:${job.deploymentId}`, { status: 'failed', exitCode: 3 });
    await fixture.run(job, 2).done;
    expect(await fixture.messages(job)).toEqual(['before']);
    expect(await recordOf(job)).toMatchObject({ status: 'failed', exitCode: 3 });
  });

  it('hands everything that it says to the writer for the secrets of the job', async () => {
    const given: (readonly string[])[] = [];
    const masking = (inner: SourceWriter, secrets: readonly string[]): SourceWriter => {
      given.push(secrets);
      const masked = (text: string) => secrets.reduce((left, secret) => left.replaceAll(secret, '***'), text);
      return {
        ...{ event: inner.event.bind(inner), ready: inner.ready.bind(inner), flush: inner.flush.bind(inner) },
        lines: (lines, ...rest) =>
          inner.lines(
            lines.map((line) => ({ ...line, message: masked(line.message) })),
            ...rest,
          ),
      };
    };
    const leaks: BuildScript = (output, _signal, { secrets }) => {
      output.lines(says(`it is ${secrets['TOKEN']}`), 'stdout', 5);
      return Promise.resolve({ status: 'failed', exitCode: 1, problem: `no ${secrets['TOKEN']} here` });
    };
    await using fixture = await open(leaks, { writerFor: masking });
    await using source = await context();
    const job = await fixture.job(source.path, newId(), { TOKEN: 't0p' });
    await fixture.run(job).done;
    expect(given).toEqual([['t0p']]);
    expect(await fixture.messages(job)).toEqual(['it is ***', 'no *** here']);
  });
});
