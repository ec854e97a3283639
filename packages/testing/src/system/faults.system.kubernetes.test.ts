import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, it } from '@jest/globals';

import { CliReader } from '../cli-reader.ts';
import { eventually } from '../eventually.ts';
import { FaultProxy } from '../fault-proxy.ts';
import { RealCluster } from '../real-cluster.ts';
import { writerPod } from '../writers/pods.ts';
import { farewellOf, steadyWriterScript } from '../writers/steady-writer.ts';
import { serviceKnown, startClusterApi } from './cluster-api.ts';

const LONG = process.env['KUBIDU_TEST_LONG'] !== undefined;
const PODS = ['steady-1', 'steady-2', 'steady-3'];

it('a CLI that follows has every line while the cluster, its connections and the API itself fail', async () => {
  await using cluster = await RealCluster.open();
  const { host, port, kubeconfig } = await RealCluster.server();
  await using proxy = await FaultProxy.open({ host, port });
  const config = join(tmpdir(), `kubidu-kubeconfig-${proxy.port}`);
  const server = `server: "https://127.0.0.1:${proxy.port}", tls-server-name: "${host}"`;
  try {
    await writeFile(config, kubeconfig.replace(/server: "[^"]+"/, server), { mode: 0o600 });
    await using api = await startClusterApi([cluster.namespace], { KUBECONFIG: config });
    const containers = [{ script: steadyWriterScript({ linesPerRound: 20, pauseSeconds: 0.05 }) }];
    await cluster.apply(...PODS.map((name) => writerPod({ name, service: 'steady', containers })));
    await serviceKnown(api.url, 'steady');
    await using cli = await CliReader.start({ url: api.url, service: 'steady', args: ['-n', 'all', '--check'] });
    const counts = () =>
      PODS.map((name) => cli.entries.filter(({ podName, event }) => podName === name && !event).length);
    const goOn = async (lines: number, what: string) => {
      const before = counts();
      await eventually(
        () => {
          if (counts().some((count, at) => count < (before[at] ?? 0) + lines))
            throw new Error(`${what}: stuck at ${counts().join()} after ${before.join()}`);
        },
        { timeoutMs: 60_000, everyMs: 50 },
      );
    };
    await goOn(100, 'at first');
    for (const component of ['kube-apiserver', 'kubelet', 'containerd'] as const) {
      await RealCluster.restart(component);
      await goOn(200, component);
    }
    for (let reset = 0; reset < (LONG ? 50 : 10); reset++) {
      proxy.resetAll();
      await goOn(10, 'reset');
    }
    for (let kill = 0; kill < 3; kill++) {
      await api.restart();
      await goOn(50, 'API killed');
    }
    for (const name of PODS) await cluster.deletePod(name);
    await eventually(() => cli.entries.filter(({ event }) => event?.type === 'pod-deleted').length === 3, {
      timeoutMs: 60_000,
    });
    const written = cli.entries.flatMap(({ message, podName = '' }) => {
      const lines = farewellOf(message);
      return lines === undefined ? [] : [{ writer: podName, podName, lines }];
    });
    expect(written).toHaveLength(3);
    const ignore = (message: string) => farewellOf(message) !== undefined;
    expect(cli.verdict(written, { after: 0, ignore }).report).toMatch(/^complete/);
    const events = cli.entries.flatMap(({ event }) => (event ? [event.type] : [])).sort();
    const each = (type: string) => PODS.map(() => type);
    expect(events).toEqual([...each('container-exited'), ...each('container-started'), ...each('pod-deleted')]);
    expect(await cli.interrupt()).toBe(130);
    expect(cli.stderr).toContain(`complete: 1–${cli.last.toLocaleString('en-US')}`);
  } finally {
    await rm(config, { force: true });
  }
}, 240_000);
