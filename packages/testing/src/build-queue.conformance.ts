import { randomUUID } from 'node:crypto';

import { afterEach, describe, expect, it } from '@jest/globals';
import { CANCELLED } from '@kubidu/core';
import type { BuildAttempt, BuildHandler, BuildJob, BuildQueue, BuildWorkOptions } from '@kubidu/core';

import { eventually } from './eventually.ts';

/** What every BuildQueue does. `open` gives an empty one, of which this suite disposes. */
export function describeBuildQueue(adapter: string, open: () => Promise<BuildQueue>): void {
  describe(`${adapter} as a BuildQueue`, () => {
    const newJob = (): BuildJob => ({
      deploymentId: `d-${randomUUID()}`,
      request: { serviceId: 'web', source: { path: '/srv' }, buildArgs: { A: 'ü' } },
      sealedSecrets: 'v1.sealed',
    });
    const options = (change: Partial<BuildWorkOptions> = {}): BuildWorkOptions => ({
      concurrency: 1,
      retry: true,
      abandoned: () => Promise.reject(new Error('nobody died')),
      ...change,
    });
    let finish: (() => void)[] = [];
    afterEach(() => {
      for (const done of finish) done();
      finish = [];
    });

    /** A handler that holds each job until `next` is called or its signal aborts, and what it was given. */
    function holding() {
      const given: { job: BuildJob; attempt: BuildAttempt; over: boolean }[] = [];
      const waiting: (() => void)[] = [];
      const handler: BuildHandler = async (job, attempt) => {
        const one = { job, attempt, over: false };
        given.push(one);
        await new Promise<void>((resolve) => {
          waiting.push(resolve);
          finish.push(resolve);
          if (attempt.signal.aborted) resolve();
          else attempt.signal.addEventListener('abort', () => resolve());
        });
        one.over = true;
      };
      return { given, handler, next: () => waiting.shift()?.() };
    }

    it('gives a worker what was added, as it was, before it began and after', async () => {
      await using queue = await open();
      const { given, handler, next } = holding();
      const [early, late] = [newJob(), newJob()];
      await queue.add(early);
      await using _worker = await queue.work(handler, options());
      await eventually(() => given.length === 1);
      expect(given[0]).toMatchObject({ job: early, attempt: { number: 1 } });
      expect(given[0]?.attempt.signal.aborted).toBe(false);
      await queue.add(late);
      next();
      await eventually(() => expect(given[1]?.job).toEqual(late));
      next();
      await eventually(async () => expect(await queue.depth()).toEqual({ waiting: 0, running: 0 }));
    });

    it('gives them one by one in their order', async () => {
      await using queue = await open();
      const jobs = Array.from({ length: 10 }, newJob);
      for (const job of jobs) await queue.add(job);
      const order: string[] = [];
      await using _worker = await queue.work(async ({ deploymentId }) => {
        order.push(`begin ${deploymentId}`);
        await new Promise(setImmediate);
        order.push(`end ${deploymentId}`);
      }, options());
      const expected = jobs.flatMap(({ deploymentId }) => [`begin ${deploymentId}`, `end ${deploymentId}`]);
      await eventually(() => expect(order).toEqual(expected));
    });

    it('gives as many at once as the worker takes, and tells how many wait and run', async () => {
      await using queue = await open();
      for (let n = 0; n < 5; n++) await queue.add(newJob());
      expect(await queue.depth()).toEqual({ waiting: 5, running: 0 });
      const { given, handler, next } = holding();
      await using _worker = await queue.work(handler, options({ concurrency: 3 }));
      await eventually(() => given.length === 3);
      await eventually(async () => expect(await queue.depth()).toEqual({ waiting: 2, running: 3 }));
      next();
      await eventually(() => given.length === 4);
      expect(given.filter(({ over }) => !over)).toHaveLength(3);
    });

    it('takes a job once, however often it is added', async () => {
      await using queue = await open();
      const job = newJob();
      await queue.add(job);
      await queue.add(job);
      expect(await queue.depth()).toEqual({ waiting: 1, running: 0 });
    });

    it('knows the jobs that wait and run, and no others', async () => {
      await using queue = await open();
      const [first, second] = [newJob(), newJob()];
      const { given, handler, next } = holding();
      await queue.add(first);
      await queue.add(second);
      await using _worker = await queue.work(handler, options());
      await eventually(() => given.length === 1);
      for (const { deploymentId } of [first, second]) expect(await queue.has(deploymentId)).toBe(true);
      next();
      await eventually(async () => !(await queue.has(first.deploymentId)));
      expect(await queue.has(newJob().deploymentId)).toBe(false);
    });

    it('takes one out that is cancelled while it waits', async () => {
      await using queue = await open();
      const [first, second, third] = [newJob(), newJob(), newJob()];
      for (const job of [first, second, third]) await queue.add(job);
      expect(await queue.cancel(second.deploymentId)).toBe('removed');
      expect(await queue.cancel(second.deploymentId)).toBe('unknown');
      const seen: string[] = [];
      await using _worker = await queue.work(async ({ deploymentId }) => void seen.push(deploymentId), options());
      await eventually(() => expect(seen).toEqual([first.deploymentId, third.deploymentId]));
    });

    it('tells one that is cancelled while it runs, and goes on with the next', async () => {
      await using queue = await open();
      const [first, second] = [newJob(), newJob()];
      const { given, handler } = holding();
      await queue.add(first);
      await queue.add(second);
      await using _worker = await queue.work(handler, options());
      await eventually(() => given.length === 1);
      expect(await queue.cancel(first.deploymentId)).toBe('running');
      await eventually(() => given[0]?.over === true);
      expect(given[0]?.attempt.signal.reason).toBe(CANCELLED);
      await eventually(() => expect(given[1]?.job).toEqual(second));
      expect(given[1]?.attempt.signal.aborted).toBe(false);
      expect(await queue.has(first.deploymentId)).toBe(false);
    });

    it('does not know one that is over, or never was', async () => {
      await using queue = await open();
      const job = newJob();
      await queue.add(job);
      await using _worker = await queue.work(() => Promise.resolve(), options());
      await eventually(async () => !(await queue.has(job.deploymentId)));
      expect(await queue.cancel(job.deploymentId)).toBe('unknown');
      expect(await queue.cancel(newJob().deploymentId)).toBe('unknown');
    });

    it('drops a job whose handler rejects, and goes on', async () => {
      await using queue = await open();
      const [first, second] = [newJob(), newJob()];
      await queue.add(first);
      await queue.add(second);
      const seen: string[] = [];
      await using _worker = await queue.work(({ deploymentId }) => {
        seen.push(deploymentId);
        return Promise.reject(new Error('a defect'));
      }, options());
      await eventually(async () => expect(await queue.depth()).toEqual({ waiting: 0, running: 0 }));
      expect(seen).toEqual([first.deploymentId, second.deploymentId]);
    });

    it('gives back what runs when its worker closes, to be taken first by the next', async () => {
      await using queue = await open();
      const [first, second] = [newJob(), newJob()];
      await queue.add(first);
      await queue.add(second);
      const before = holding();
      const worker = await queue.work(before.handler, options());
      await eventually(() => before.given.length === 1);
      await worker[Symbol.asyncDispose]();
      await worker[Symbol.asyncDispose]();
      expect(before.given[0]?.over).toBe(true);
      expect(before.given[0]?.attempt.signal.reason).not.toBe(CANCELLED);
      expect(await queue.depth()).toEqual({ waiting: 2, running: 0 });
      const after = holding();
      await using _worker = await queue.work(after.handler, options({ retry: false }));
      await eventually(() => expect(after.given[0]).toMatchObject({ job: first, attempt: { number: 2 } }));
      after.next();
      await eventually(() => expect(after.given[1]).toMatchObject({ job: second, attempt: { number: 1 } }));
    });
  });
}
