import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';

import { describe, expect, it } from '@jest/globals';
import { eventually, RecordingSink } from '@kubidu/testing';

import { ProcessLogSource } from './process-log-source.ts';

/** Runs a source in a process of its own, which can be killed, and prints each line it hands over. */
const OWNER = `
import { ProcessLogSource } from ${JSON.stringify(new URL('../dist/index.js', import.meta.url).href)};
const [procfile, dataDir] = process.argv.slice(1);
const source = await ProcessLogSource.open({ procfile, dataDir });
await source.start(() => undefined);
const writer = {
  lines: (lines) => lines.forEach(({ message }) => console.log(message)),
  event: () => undefined, ready: async () => undefined, flush: async () => undefined,
};
const nothing = () => undefined;
const sink = { cursor: nothing, known: () => [], forget: nothing, open: () => writer, sources: nothing };
await source.follow('app', sink, new AbortController().signal);
`;

async function openOwner(procfile: string) {
  const folder = await mkdtemp(join(tmpdir(), 'kubidu-test-'));
  await writeFile(join(folder, 'Procfile'), procfile);
  const paths = { procfile: join(folder, 'Procfile'), dataDir: join(folder, 'data') };
  const args = ['--input-type=module', '-e', OWNER, paths.procfile, paths.dataDir];
  const owner = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  owner.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return {
    ...paths,
    lines: () => output.split('\n').slice(0, -1),
    kill: async () => {
      const exited = once(owner, 'exit');
      owner.kill('SIGKILL');
      await exited;
    },
    [Symbol.asyncDispose]: async () => {
      owner.kill('SIGKILL');
      await rm(folder, { recursive: true });
    },
  };
}

describe('the processes of a Procfile whose owner is killed with -9', () => {
  it.each([
    { which: 'an ordinary one', command: 'echo $$; exec sleep 63' },
    { which: 'one with a child', command: 'sleep 63 & echo $!; wait' },
    { which: 'one that ignores SIGTERM', command: "trap '' TERM; echo $$; while :; do sleep 0.1; done" },
    { which: 'one that waits because its output is full', command: 'echo $$; exec yes' },
  ])('are gone within two seconds: $which', async ({ command }) => {
    await using owner = await openOwner(`app: ${command}\n`);
    await eventually(() => owner.lines().length > 0);
    const pid = Number(owner.lines()[0]);
    expect(isRunning(pid)).toBe(true);
    await owner.kill();
    await eventually(() => !isRunning(pid), { timeoutMs: 2_000 });
  });

  it('are ended by the next start even if they left their group, and told as lost', async () => {
    await using owner = await openOwner("app: setsid sh -c 'echo $$; exec sleep 64' & exec sleep 64\n");
    await eventually(() => owner.lines().length > 0);
    const pid = Number(owner.lines()[0]);
    await owner.kill();
    expect(isRunning(pid)).toBe(true);
    await using source = await ProcessLogSource.open(owner);
    await source.start(() => undefined);
    // Killed by then; how soon the system is done with it is the system's affair.
    await eventually(() => !isRunning(pid));
    const sink = new RecordingSink();
    const followed = source.follow('app', sink, new AbortController().signal);
    await eventually(() => sink.lines().length > 0);
    expect(sink.entries[0]).toMatchObject({ podName: 'app.1', event: { type: 'lost', reason: 'collector-restarted' } });
    await source.close();
    await followed;
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
