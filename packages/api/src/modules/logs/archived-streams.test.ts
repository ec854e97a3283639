import { describe, expect, it } from '@jest/globals';
import { Batch, MemoryArchiveObjects, MemoryLogStore, ObjectLogArchive, encodeEntry } from '@kubidu/core';

import { ApiFixture, SECRET, entriesFrom, tokenOf } from '../../testing/api-fixture.ts';

const LINES = ['1', '2', '3'].map((message) => encodeEntry({ timestamp: '2026-11-20T00:00:00Z', message }));

/** A server whose store knows nothing of what its archive holds. */
async function serving(environment: Record<string, string> = {}): Promise<ApiFixture> {
  const archive = new ObjectLogArchive(new MemoryArchiveObjects());
  for (const stream of ['job:1', 'runtime:old', 'runtime:web'] as const)
    await archive.write(stream, [new Batch(1, LINES)]);
  await archive.finish('job:1', {
    status: 'failed',
    exitCode: 2,
    firstIndex: 1,
    lastIndex: 3,
    endedAt: '2026-11-20T00:00:01Z',
  });
  return ApiFixture.start(environment, { store: new MemoryLogStore(), archive });
}

const namesOf = (body: Record<string, unknown>) =>
  (body['streams'] as { stream: string }[]).map(({ stream }) => stream);

describe('streams that only the archive has', () => {
  it('are listed beside the others, page by page, shown, and read', async () => {
    await using api = await serving();
    await api.post('/api/streams/runtime:new/entries', { entries: entriesFrom(1, 2) });
    expect(namesOf((await api.get('/api/streams')).body)).toEqual([
      'job:1',
      'runtime:new',
      'runtime:old',
      'runtime:web',
    ]);
    const { body: first } = await api.get('/api/streams?limit=3');
    expect([namesOf(first), first['next']]).toEqual([['job:1', 'runtime:new', 'runtime:old'], 'runtime:old']);
    expect(namesOf((await api.get('/api/streams?limit=3&cursor=runtime:old')).body)).toEqual(['runtime:web']);
    expect((await api.get('/api/streams/job:1')).body).toMatchObject({
      ...{ stream: 'job:1', firstIndex: 1, lastIndex: 3, lastAt: '2026-11-20T00:00:01.000Z' },
      ended: { status: 'failed', exitCode: 2 },
    });
    expect((await api.get('/api/streams/runtime:none')).status).toBe(404);
    expect((await api.get('/api/jobs/1/logs')).body).toMatchObject({ firstIndex: 1, lastIndex: 3 });
    expect(String((await api.get('/api/jobs/1/logs/download')).body['text']).split('\n')).toHaveLength(4);
    const { body: services } = await api.get('/api/services');
    expect((services['services'] as { serviceId: string }[]).map(({ serviceId }) => serviceId)).toEqual([
      'new',
      'old',
      'web',
    ]);
    expect((await api.get('/api/services/old')).status).toBe(200);
  });

  it('are seen by nobody who may not read them', async () => {
    await using api = await serving({ KUBIDU_JWT_SECRET: SECRET });
    const token = await tokenOf({ streams: ['runtime:web'] });
    expect(namesOf((await api.get('/api/streams', token)).body)).toEqual(['runtime:web']);
    expect((await api.get('/api/streams/runtime:old', token)).status).toBe(404);
  });
});
