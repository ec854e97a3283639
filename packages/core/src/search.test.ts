import { describe, expect, it } from '@jest/globals';
import type { StreamId } from '@kubidu/contracts';
import { compile } from '@kubidu/query';
import { eventually, InterferedObjects } from '@kubidu/testing';

import { ArchivedLogStore } from './archive/archived-log-store.ts';
import { MemoryArchiveObjects } from './archive/memory-archive-objects.ts';
import { ObjectLogArchive } from './archive/object-log-archive.ts';
import { Batch } from './batch.ts';
import type { Page, ReadRange } from './log-store.ts';
import { MemoryLogStore } from './memory-log-store.ts';
import { QueryFilter } from './query-filter.ts';
import { search } from './search.ts';

const STREAM: StreamId = 'runtime:web';
const OBJECTS = 100;
const LINES = 20;

/** A store of which everything is archived, in many objects, and nothing is hot. */
async function archived() {
  const objects = new InterferedObjects(new MemoryArchiveObjects());
  const archive = new ObjectLogArchive(objects);
  for (let n = 0; n < OBJECTS; n++) {
    const lines = Array.from(
      { length: LINES },
      (_, at) => `{"timestamp":"2026-11-20T00:00:00Z","message":"${n} ${at}"}`,
    );
    await archive.write(STREAM, [new Batch(n * LINES + 1, lines)]);
  }
  return { objects, archive, store: new ArchivedLogStore(new MemoryLogStore(), archive) };
}

describe('a search in the archive', () => {
  it.each([{ query: 'absent' }, { query: '/abs.nt/' }])(
    'for $query asks for no further object once it is stopped',
    async ({ query }) => {
      const { objects, archive, store } = await archived();
      await using _ = archive;
      let release = (): void => undefined;
      const held = new Promise<void>((resolve) => (release = resolve));
      const gets = () => objects.requests.filter(({ what }) => what === 'get').length;
      const before = gets();
      objects.interference.before = ({ what }) => (what === 'get' && gets() > before + 1 ? held : undefined);
      const reads: Promise<Page>[] = [];
      const read = (range: ReadRange): Promise<Page> => {
        const reading = store.read(STREAM, range);
        reads.push(reading);
        return reading;
      };
      const stop = new AbortController();
      const steps = search(read, { before: 1e9, limit: 10 }, new QueryFilter(compile(query)), stop.signal);
      const searching = (async () => {
        for await (const step of steps) expect(step.parts).toEqual([]);
      })();
      searching.catch(() => undefined); // judged below
      await eventually(() => gets() > before + 1);
      const asked = gets();
      stop.abort(new Error('nobody listens'));
      release();
      await expect(searching).rejects.toThrow('nobody listens');
      await Promise.allSettled(reads);
      expect(gets()).toBe(asked);
      expect(asked).toBeLessThan(OBJECTS / 2);
    },
  );
});
