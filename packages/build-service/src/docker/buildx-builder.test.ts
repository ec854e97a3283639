import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { BuildOutput } from '@kubidu/core';
import { eventually } from '@kubidu/testing';

import { BuildContext } from '../testing/build-context.ts';
import { BuildxBuilder } from './buildx-builder.ts';
import { DockerClient } from './docker-client.ts';

const MIB = 1024 * 1024;
const LONG = process.env['KUBIDU_TEST_LONG'] === '1';

/** A client that says a step wrote so many MiB without a line feed, as fast as it is read. */
const endless = (mib: number) => `#!/usr/bin/env node
if (process.argv[2] === 'version') { console.log('1'); process.exit(); }
const digest = 'sha256:1';
const say = (status) => process.stderr.write(JSON.stringify(status) + '\\n');
const at = () => new Date().toISOString();
const started = at();
say({ vertexes: [{ digest, name: 'RUN endless', started }] });
const data = Buffer.alloc(32 * 1024, 'x').toString('base64');
let left = ${mib} * 32;
const go = () => {
  while (left-- > 0) if (!say({ logs: [{ vertex: digest, stream: 1, data, timestamp: at() }] })) return process.stderr.once('drain', go);
  say({ vertexes: [{ digest, name: 'RUN endless', started, completed: at() }] });
};
go();
`;

describe('BuildxBuilder, whatever the client says', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kubidu-client-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const builderWith = async (script: string) => {
    const command = join(folder, 'docker');
    await writeFile(command, script, { mode: 0o755 });
    return new BuildxBuilder(new DockerClient({ command }));
  };

  it(`keeps its memory flat over ${LONG ? '2 GiB' : '64 MiB'} without a line feed, and says what it cut off`, async () => {
    const mib = LONG ? 2_048 : 64;
    const builder = await builderWith(endless(mib));
    await using context = await BuildContext.write('FROM scratch');
    const lines: { readonly bytes: number; readonly truncated?: number | undefined }[] = [];
    let most = 0;
    const before = process.memoryUsage().rss;
    const output: BuildOutput = {
      lines: (taken) => lines.push(...taken.map(({ message, truncated }) => ({ bytes: message.length, truncated }))),
      event: () => {},
      ready: () => {
        most = Math.max(most, process.memoryUsage().rss);
        return Promise.resolve();
      },
    };
    const result = await builder.build(context.build('x:1'), output, new AbortController().signal);
    expect(result.status).toBe('succeeded');
    expect(lines).toEqual([{ bytes: 256 * 1024, truncated: mib * MIB - 256 * 1024 }]);
    expect((most - before) / MIB).toBeLessThan(128);
  }, 600_000);

  it('reads no further while its output has no room, and then everything', async () => {
    const builder = await builderWith(endless(4));
    await using context = await BuildContext.write('FROM scratch');
    let asked = 0;
    let room = () => {};
    const held = new Promise<void>((resolve) => (room = resolve));
    const cut: (number | undefined)[] = [];
    const output: BuildOutput = {
      lines: (lines) => cut.push(...lines.map(({ truncated }) => truncated)),
      event: () => {},
      ready: () => {
        asked++;
        return held;
      },
    };
    const building = builder.build(context.build('x:1'), output, new AbortController().signal);
    await eventually(() => asked > 0);
    expect({ asked, cut }).toEqual({ asked: 1, cut: [] });
    room();
    expect(await building).toMatchObject({ status: 'succeeded' });
    expect(cut).toEqual([4 * MIB - 256 * 1024]);
  });

  it('ends a client that writes on when its output takes nothing any more', async () => {
    const builder = await builderWith(endless(1_000_000));
    await using context = await BuildContext.write('FROM scratch');
    const ready = () => Promise.reject(new Error('closed'));
    const output: BuildOutput = { lines: () => {}, event: () => {}, ready };
    await expect(builder.build(context.build('x:1'), output, new AbortController().signal)).rejects.toThrow(
      'the builder failed',
    );
  });
});
