import type { LogEntry, LogEvent } from '@kubidu/contracts';
import { expect, it } from '@jest/globals';

import { CliReader } from '../cli-reader.ts';
import { eventually } from '../eventually.ts';
import { numberedLinesScript } from '../numbered-lines.ts';
import { PlainReader } from '../plain-reader.ts';
import { RealCluster } from '../real-cluster.ts';
import type { Reader } from '../reader.ts';
import { SdkReader } from '../sdk-reader.ts';
import { writerDeployment, writerPod } from '../writers/pods.ts';
import { farewellOf, steadyWriterScript } from '../writers/steady-writer.ts';
import { serviceKnown, startClusterApi } from './cluster-api.ts';

const LINES = 50_000;

type Event<T extends LogEvent['type']> = LogEntry & { event: LogEvent & { type: T } };

function events<T extends LogEvent['type']>({ entries }: Reader, type: T): Event<T>[] {
  return entries.filter((entry): entry is Event<T> => entry.event?.type === type);
}

it('three pods that write 50,000 lines each reach the CLI, a plain socket.io-client and the SDK, the same to all', async () => {
  await using cluster = await RealCluster.open();
  await using api = await startClusterApi([cluster.namespace]);
  const pods = ['web-1', 'web-2', 'web-3'];
  // The start waits until everybody reads: this is about following live.
  const script = `while [ ! -e /tmp/go ]; do sleep 0.1; done; ${numberedLinesScript(LINES)}`;
  await cluster.apply(...pods.map((name) => writerPod({ name, service: 'web', containers: [{ script }] })));
  await serviceKnown(api.url, 'web');
  await using cli = await CliReader.start({ url: api.url, service: 'web' });
  await using plain = new PlainReader({ url: api.url, service: 'web', bare: true });
  await using sdk = new SdkReader({ url: api.url, stream: 'runtime:web' });
  const readers = [cli, plain, sdk];
  await Promise.all(pods.map((name) => cluster.started(name)));
  for (const reader of readers)
    await eventually(() => events(reader, 'container-started').length === 3, { timeoutMs: 30_000 });
  await Promise.all(pods.map((name) => cluster.kubectl('exec', name, '--', 'touch', '/tmp/go')));
  for (const reader of readers)
    await eventually(() => events(reader, 'container-exited').length === 3, { timeoutMs: 60_000 });
  const written = pods.map((podName) => ({ writer: podName, podName, lines: LINES }));
  for (const reader of readers) {
    expect(`${reader.kind}: ${reader.verdict(written, { after: 0 }).report}`).toMatch(/: complete/);
    expect(reader.errors).toEqual([]);
    expect(reader.fingerprint).toBe(cli.fingerprint);
  }
  expect(cli.entries).toHaveLength(3 * LINES + 6);
}, 150_000);

it('a CLI that follows has every line of everything that comes and goes, and proves it', async () => {
  await using cluster = await RealCluster.open();
  await using api = await startClusterApi([cluster.namespace]);
  const deployment = (replicas: number) =>
    writerDeployment({ name: 'rolling', service: 'life', replicas, containers: [{ script: steadyWriterScript() }] });
  await cluster.apply(deployment(1));
  await serviceKnown(api.url, 'life');
  await using cli = await CliReader.start({ url: api.url, service: 'life', args: ['-n', 'all', '--check'] });
  const exits = (podName: string) => events(cli, 'container-exited').filter((entry) => entry.podName === podName);
  const gone = (prefix: string) => events(cli, 'pod-deleted').filter(({ podName }) => podName?.startsWith(prefix));
  const rolling = () =>
    new Set(cli.entries.flatMap(({ podName }) => (podName?.startsWith('rolling-') ? [podName] : [])));
  const crash = `${numberedLinesScript(500)}; sleep 2; ${numberedLinesScript(500, { from: 501 })}; exit 3`;
  const farewell = `trap '${numberedLinesScript(3_000).replaceAll("'", `'"'"'`)}; exit 0' TERM; echo ready; while :; do sleep 0.1; done`;
  const numbered = (writer: string) => numberedLinesScript(300, { writer });
  await cluster.apply(
    writerPod({ name: 'crashing', service: 'life', restartPolicy: 'Always', containers: [{ script: crash }] }),
    writerPod({
      name: 'greedy',
      service: 'life',
      containers: [{ script: `${numberedLinesScript(2_000)}; exec tail /dev/zero`, memory: '24Mi' }],
    }),
    writerPod({
      name: 'many',
      service: 'life',
      initContainers: [{ name: 'setup', script: numbered('setup') }],
      containers: [
        { name: 'app', script: numbered('app') },
        { name: 'proxy', script: numbered('proxy') },
      ],
    }),
    writerPod({ name: 'leaving', service: 'life', containers: [{ script: farewell }] }),
    deployment(5),
  );
  await eventually(() => rolling().size === 5, { timeoutMs: 60_000 });
  await eventually(() => cli.entries.some(({ message }) => message === 'ready'), { timeoutMs: 60_000 });
  await cluster.deletePod('leaving');
  await cluster.apply(deployment(2));
  await eventually(() => gone('rolling-').length === 3, { timeoutMs: 60_000 });
  await cluster.kubectl('rollout', 'restart', 'deployment', 'rolling');
  await cluster.kubectl('rollout', 'status', 'deployment', 'rolling');
  await eventually(() => exits('crashing').length >= 3 && exits('greedy').length === 1, { timeoutMs: 60_000 });
  await cluster.deletePod('crashing', '--force', '--grace-period=0');
  await cluster.kubectl('delete', 'deployment', 'rolling', '--wait=false');
  await eventually(() => gone('rolling-').length === rolling().size && gone('leaving').length === 1, {
    timeoutMs: 60_000,
  });
  await eventually(() => gone('crashing').length === 1, { timeoutMs: 60_000 });

  const farewells = cli.entries.flatMap(({ message, podName = '' }) => {
    const lines = farewellOf(message);
    return lines === undefined ? [] : [{ writer: podName, podName, lines }];
  });
  expect(farewells).toHaveLength(7);
  // The last life of the container that crashes was cut short by its deletion: what it wrote, nobody knows.
  const lives = exits('crashing').slice(0, 3);
  const cut = (entry: LogEntry) => entry.podName === 'crashing' && (entry.restart ?? 0) >= lives.length;
  const written = [
    ...farewells,
    ...lives.map((_, restart) => ({ writer: 'crashing', podName: 'crashing', restart, lines: 1_000 })),
    { writer: 'greedy', podName: 'greedy', lines: 2_000 },
    ...['setup', 'app', 'proxy'].map((container) => ({ writer: container, podName: 'many', container, lines: 300 })),
    { writer: 'leaving', podName: 'leaving', lines: 3_000 },
  ];
  const kept = cli.entries.map((entry) => (cut(entry) ? { ...entry, stream: 'system' as const } : entry));
  cli.entries.splice(0, cli.entries.length, ...kept);
  const ignore = (message: string) => message === 'ready' || farewellOf(message) !== undefined;
  expect(cli.verdict(written, { after: 0, ignore }).report).toMatch(/^complete/);
  expect(lives.map(({ event }) => [event.exitCode, event.reason])).toEqual(lives.map(() => [3, 'Error']));
  expect(exits('greedy')[0]?.event).toMatchObject({ exitCode: 137, reason: 'OOMKilled' });
  expect(events(cli, 'lost')).toEqual([]);
  expect(await cli.interrupt()).toBe(130);
  expect(cli.stderr).toContain(`complete: 1–${cli.last.toLocaleString('en-US')}`);
}, 240_000);
