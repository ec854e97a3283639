import { randomUUID } from 'node:crypto';

import { describe, expect, it } from '@jest/globals';
import type { DeploymentRecord, Deployments } from '@kubidu/core';

/** What every Deployments does. `open` gives one of which this suite disposes; others may use what it stands on. */
export function describeDeployments(adapter: string, open: () => Promise<Deployments>): void {
  describe(`${adapter} as Deployments`, () => {
    const uniqueService = () => `s-${randomUUID()}`;
    const uniqueId = (at = 0) => `${String(at).padStart(6, '0')}-${randomUUID()}`;
    const newRecord = (change: Partial<DeploymentRecord> = {}): DeploymentRecord => ({
      deploymentId: uniqueId(),
      serviceId: 'web',
      status: 'queued',
      createdAt: '2026-11-20T23:16:57.856Z',
      ...change,
    });

    it.each<{ has: Partial<DeploymentRecord> }>([
      { has: {} },
      { has: { tenant: 'a' } },
      { has: { status: 'running', startedAt: '2026-11-20T23:17:00Z', cancelRequested: true } },
      { has: { status: 'failed', endedAt: '2026-11-20T23:18:00Z', exitCode: 0, image: 'r/a@sha256:0' } },
    ])('gives a record back as it was created, with $has', async ({ has }) => {
      await using deployments = await open();
      const record = newRecord(has);
      await deployments.create(record);
      expect(await deployments.get(record.deploymentId)).toEqual(record);
    });

    it('knows none that was not created, to get, to change and of a service', async () => {
      await using deployments = await open();
      expect(await deployments.get(uniqueId())).toBeUndefined();
      expect(await deployments.change(uniqueId(), { status: 'running' })).toBeUndefined();
      expect(await deployments.list({ serviceId: uniqueService(), limit: 10 })).toEqual([]);
    });

    it('creates a record once', async () => {
      await using deployments = await open();
      const record = newRecord();
      await deployments.create(record);
      await expect(deployments.create({ ...record, serviceId: 'other' })).rejects.toMatchObject({ code: 'CONFLICT' });
      expect(await deployments.get(record.deploymentId)).toEqual(record);
    });

    it('changes what is named, and leaves the rest', async () => {
      await using deployments = await open();
      const record = newRecord({ tenant: 'a' });
      await deployments.create(record);
      const running = { ...record, status: 'running', startedAt: '2026-11-20T23:17:00Z' };
      const change = { status: 'running', startedAt: '2026-11-20T23:17:00Z' } as const;
      expect(await deployments.change(record.deploymentId, change)).toEqual(running);
      expect(await deployments.change(record.deploymentId, {})).toEqual(running);
      expect(await deployments.change(record.deploymentId, { cancelRequested: true })).toEqual({
        ...running,
        cancelRequested: true,
      });
    });

    it('leaves one that has ended as it is', async () => {
      await using deployments = await open();
      const record = newRecord();
      await deployments.create(record);
      const end = { status: 'failed', endedAt: '2026-11-20T23:18:00Z', exitCode: 3 } as const;
      expect(await deployments.change(record.deploymentId, end)).toEqual({ ...record, ...end });
      for (const status of ['running', 'cancelled'] as const)
        expect(await deployments.change(record.deploymentId, { status })).toEqual({ ...record, ...end });
      expect(await deployments.get(record.deploymentId)).toEqual({ ...record, ...end });
    });

    it('lets one of 20 who end it at once have their way', async () => {
      await using deployments = await open();
      const { deploymentId } = newRecord();
      await deployments.create(newRecord({ deploymentId }));
      const ends = Array.from({ length: 20 }, (_, exitCode) => exitCode);
      const told = await Promise.all(
        ends.map((exitCode) =>
          deployments.change(deploymentId, { status: 'failed', endedAt: '2026-11-20T23:18:00Z', exitCode }),
        ),
      );
      const stands = await deployments.get(deploymentId);
      for (const one of told) expect(one).toEqual(stands);
    });

    it('lists those of a service newest first, page by page', async () => {
      await using deployments = await open();
      const serviceId = uniqueService();
      const records = Array.from({ length: 25 }, (_, at) => newRecord({ serviceId, deploymentId: uniqueId(at) }));
      // In no order of theirs.
      for (const odd of [1, 0])
        for (const record of records.filter((_, at) => at % 2 === odd)) await deployments.create(record);
      await deployments.create(newRecord({ serviceId: `${serviceId}x`, deploymentId: uniqueId(99) }));
      const newestFirst = [...records].reverse();
      const first = await deployments.list({ serviceId, limit: 10 });
      expect(first).toEqual(newestFirst.slice(0, 10));
      const before = first.at(-1)?.deploymentId ?? '';
      expect(await deployments.list({ serviceId, before, limit: 100 })).toEqual(newestFirst.slice(10));
    });

    it('lists those of all services newest first', async () => {
      await using deployments = await open();
      // Ids beyond those of every other test that shares the store.
      const records = [1, 2, 3].map((at) => newRecord({ serviceId: `s${at}`, deploymentId: `z${uniqueId(at)}` }));
      for (const record of records) await deployments.create(record);
      const before = `${records[2]?.deploymentId}~`;
      const listed = await deployments.list({ before, limit: 100 });
      const ours = new Set(records.map(({ deploymentId }) => deploymentId));
      expect(listed.filter(({ deploymentId }) => ours.has(deploymentId))).toEqual([...records].reverse());
      const ids = listed.map(({ deploymentId }) => deploymentId);
      expect(ids).toEqual([...ids].sort().reverse());
    });

    it('forgets those that ended before a time, and only those', async () => {
      await using deployments = await open();
      const serviceId = uniqueService();
      const create = async (at: number, end?: string) => {
        const record = newRecord({ serviceId, deploymentId: uniqueId(at) });
        await deployments.create(record);
        if (end !== undefined) await deployments.change(record.deploymentId, { status: 'succeeded', endedAt: end });
        return record.deploymentId;
      };
      const old = await create(1, '2001-01-01T00:00:00Z');
      const edge = await create(2, '2001-01-02T00:00:00Z');
      const building = await create(3);
      expect(await deployments.forget(Date.parse('2001-01-02T00:00:00Z'))).toBe(1);
      expect(await deployments.get(old)).toBeUndefined();
      expect((await deployments.list({ serviceId, limit: 10 })).map(({ deploymentId }) => deploymentId)).toEqual([
        building,
        edge,
      ]);
      // Leaves nothing that a later run of this test on the same store would count.
      expect(await deployments.forget(Date.parse('2001-01-02T00:00:00.001Z'))).toBe(1);
    });
  });
}
