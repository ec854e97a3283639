import { readFileSync, readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { eventually } from './eventually.ts';
import { RealDocker } from './real-docker.ts';
import { RealRegistry } from './real-registry.ts';

/** What a build wrote, from the log chunks of its rawjson. */
function written(rawjson: string): string {
  return rawjson
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .flatMap((line) => (JSON.parse(line) as { logs?: { data: string }[] }).logs ?? [])
    .map(({ data }) => Buffer.from(data, 'base64').toString())
    .join('');
}

describe('RealDocker', () => {
  let context: string;
  beforeAll(async () => {
    context = await mkdtemp(join(tmpdir(), 'context-'));
  });
  afterAll(() => rm(context, { recursive: true }));

  const build = async (docker: RealDocker, image: string, run: string): Promise<string> => {
    await writeFile(join(context, 'Dockerfile'), `FROM kubidu.test/busybox:1\nRUN ${run}\n`);
    const flags = ['--network', 'host', '--no-cache', '--progress', 'rawjson', '--tag', image];
    return written((await docker.both('buildx', 'build', ...flags, context)).stderr);
  };

  it('builds an image and pushes it to a RealRegistry, and has no image of it afterwards', async () => {
    await using registry = await RealRegistry.start();
    let image: string;
    {
      await using docker = RealDocker.open();
      image = docker.image(registry.address);
      expect(await build(docker, image, 'echo one && echo two')).toBe('one\ntwo\n');
      expect(await registry.digestOf(image)).toBeUndefined();
      await docker.docker('push', '--quiet', image);
      expect(await docker.docker('image', 'inspect', '--format', '{{.RepoDigests}}', image)).toContain(
        await registry.digestOf(image),
      );
    }
    const left = await RealDocker.open().docker('image', 'ls', '--format', '{{.Repository}}:{{.Tag}}');
    expect(left).not.toContain(image);
  });

  it('lets a step of a build write more and faster than BuildKit does by default', async () => {
    await using docker = await RealDocker.start();
    // With pauses: what comes as one burst of a megabyte breaks the progress stream of Docker 20.10.
    const step = 'for at in $(seq 1 40); do yes 0123456789 | head -n 10000; sleep 0.1; done';
    const output = await build(docker, docker.image(), step);
    expect(output.length).toBe(40 * 10_000 * 11);
  });

  it('is killed and started again where it is the own of a test, and leaves nothing of a build then', async () => {
    const mark = `${Math.floor(Math.random() * 1e9)}`;
    const runs = (): string[] =>
      readdirSync('/proc').filter((pid) => {
        try {
          return readFileSync(`/proc/${pid}/cmdline`, 'utf8') === `sleep\0${mark}\0`;
        } catch {
          return false;
        }
      });
    {
      await using docker = await RealDocker.start();
      expect(docker.env.DOCKER_HOST).not.toBe(RealDocker.open().env.DOCKER_HOST);
      const cut = expect(build(docker, docker.image(), `sleep ${mark}`)).rejects.toThrow();
      await eventually(() => runs().length === 1);
      await docker.kill9();
      await cut;
      await expect(docker.docker('version')).rejects.toThrow();
      await docker.restart();
      expect(await build(docker, docker.image(), 'echo again')).toBe('again\n');
    }
    await eventually(() => runs().length === 0);
  });
});
