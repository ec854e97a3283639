import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, HttpFaultProxy, RealS3 } from '@kubidu/testing';

import { entriesFrom } from '../../testing/api-fixture.ts';
import { ConfiguredApi } from '../../testing/configured-api.ts';

const LOGS = '/api/streams/runtime:web/logs';

interface Histogram {
  readonly buckets: readonly { readonly lines: number }[];
  readonly complete: boolean;
}

interface Page {
  readonly entries: readonly { readonly index: number; readonly message: string }[];
  readonly gaps: readonly unknown[];
  readonly lastIndex: number;
  readonly next?: number;
}

let s3: RealS3;
beforeAll(async () => {
  s3 = await RealS3.start();
  Object.assign(process.env, s3.env);
});
afterAll(() => s3[Symbol.asyncDispose]());

/** A server whose store and archive may outlive it. */
async function serve(folder: string, endpoint = s3.endpoint) {
  return ConfiguredApi.start({
    KUBIDU_DATA_DIR: folder,
    KUBIDU_HOT_BYTES: '65536',
    KUBIDU_S3_BUCKET: s3.bucket,
    KUBIDU_S3_ENDPOINT: endpoint,
    KUBIDU_S3_REGION: s3.region,
  });
}

async function ingest(api: ConfiguredApi, first: number, count: number): Promise<void> {
  for (let from = first; from < first + count; from += 1_000)
    await api.post('/api/streams/runtime:web/entries', { entries: entriesFrom(from, 1_000) });
}

/** Every page from the beginning, as far as it goes; none may have a gap. */
async function messages(api: ConfiguredApi): Promise<string[]> {
  const found: string[] = [];
  for (let after: number | undefined = 0; after !== undefined;) {
    const page: Page = (await api.get(`${LOGS}?after=${after}&limit=700`)).body as unknown as Page;
    expect(page.gaps).toEqual([]);
    found.push(...page.entries.map(({ index, message }) => `${index} ${message}`));
    after = page.next;
  }
  return found;
}

/** What the histogram says there is. */
async function counted(api: ConfiguredApi): Promise<{ lines: number; complete: boolean }> {
  const { buckets, complete } = (await api.get(`${LOGS}/histogram`)).body as unknown as Histogram;
  return { lines: buckets.reduce((sum, { lines }) => sum + lines, 0), complete };
}

const expected = (count: number) => Array.from({ length: count }, (_, at) => `${at + 1} line ${at + 1}`);

describe('a server with an archive in S3', () => {
  it('serves history that left its store, also when the store is lost, through an archive that fails now and then', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'api-'));
    await using proxy = await HttpFaultProxy.open(s3.endpoint);
    let requests = 0;
    proxy.faultOf = () => [{ status: 503 }, undefined, { cut: 'after' as const }, undefined][requests++ % 7];
    {
      await using api = await serve(folder, proxy.url);
      await ingest(api, 1, 6_000);
      const metrics = async () => String((await api.get('/metrics')).body['text']);
      // The store keeps 64 KiB of more than a megabyte: what is not there any more is read from S3.
      await eventually(async () => {
        const { body } = await api.get('/api/streams/runtime:web');
        expect(body).toMatchObject({ firstIndex: 1, lastIndex: 6_000 });
        expect(body['bytes']).toBeLessThan(100_000);
      });
      expect(await messages(api)).toEqual(expected(6_000));
      expect(await counted(api)).toEqual({ lines: 6_000, complete: true });
      expect(await metrics()).toContain('kubidu_logs_lost_lines_total{reason="not-archived"} 0');
    }
    await rm(folder, { recursive: true });
    await using api = await serve(folder);
    expect(await messages(api)).toEqual(expected(6_000));
    expect(await counted(api)).toEqual({ lines: 6_000, complete: true });
    const { body } = await api.post('/api/streams/runtime:web/entries', { entries: entriesFrom(7_000, 1) });
    expect(Number(body['lastIndex'])).toBeGreaterThan(6_000);
    await api.api.close();
    await rm(folder, { recursive: true });
  });
});
