import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { expect, it } from '@jest/globals';

import { Gate } from '../gate.ts';
import type { RealRedis } from '../real-redis.ts';
import { BuildPlant } from './build-plant.ts';

const run = promisify(execFile);

/** Bytes of a place where a secret must not be. */
interface Place {
  readonly name: string;
  readonly bytes: Buffer;
}

const place = (name: string, text: string): Place => ({ name, bytes: Buffer.from(text) });

/** Every file below a folder, read as it is. */
async function filesIn(folder: string): Promise<Place[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  // What a build has removed between the look and the reading is gone.
  const read = async (path: string) => ({ name: path, bytes: await readFile(path).catch(() => Buffer.alloc(0)) });
  return Promise.all(paths.map(read));
}

/** What a Redis holds, as it writes it down: its dump and its append-only file. */
async function dumpOf(redis: RealRedis): Promise<Place[]> {
  await redis.cli('save');
  const [, folder = ''] = (await redis.cli('config', 'get', 'dir')).split('\n');
  return filesIn(folder);
}

/** Names of the places that hold one of these texts. */
const holding = (places: readonly Place[], texts: readonly string[]): string[] =>
  places.filter(({ bytes }) => texts.some((text) => bytes.includes(text))).map(({ name }) => name);

/** A text in clear, in hex, and in base64 wherever in its three bytes it begins. */
function formsOf(text: string): string[] {
  const bytes = Buffer.from(text);
  const shifted = [0, 1, 2].map((shift) => {
    const whole = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
    // Only characters that are made of the text alone.
    return whole.slice(shift === 0 ? 0 : shift + 1, Math.floor(((shift + bytes.length) * 8) / 6));
  });
  return [
    text,
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
    ...shifted,
    JSON.stringify(text).slice(1, -1),
  ];
}

/** Everything that can be looked through from outside, now. */
async function everywhere(plant: BuildPlant): Promise<Place[]> {
  const { stdout } = await run('ps', ['-eo', 'args'], { maxBuffer: 64 * 1024 * 1024 });
  const printed = plant.workers.flatMap(({ process }, at) => [
    place(`stdout of worker ${at}`, process.stdout),
    place(`stderr of worker ${at}`, process.stderr),
  ]);
  const folders = [plant.api.dataDir, plant.folder, ...plant.workers.map(({ folder }) => folder)];
  return [
    ...(await dumpOf(plant.streams)),
    ...(await dumpOf(plant.queue)),
    ...(await Promise.all(folders.map(filesIn))).flat(),
    ...printed,
    ...[place('stdout of the server', plant.api.stdout), place('stderr of the server', plant.api.stderr)],
    place('ps', stdout),
  ];
}

/** What the server answers to a request that it refuses, secrets in it. */
async function refusals({ api, serviceId }: BuildPlant, secrets: Readonly<Record<string, string>>): Promise<Place[]> {
  const bodies = [
    { serviceId, source: { path: '/nowhere' }, secrets },
    { serviceId, source: { upload: 'none' }, secrets },
    { serviceId, source: {}, secrets },
    { serviceId: '', source: { path: '/' }, secrets: { ...secrets, 'no name': Object.values(secrets)[0] } },
  ];
  const answers = bodies.map(async (body, at) => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${api.url}/api/deployments`, { method: 'POST', headers, body: JSON.stringify(body) });
    expect(answer.ok).toBe(false);
    return place(`refusal ${at}`, await answer.text());
  });
  return Promise.all(answers);
}

it('a secret of a build is nowhere in the clear, in base64 or in hex: while it is used, and afterwards', async () => {
  const random = randomBytes(12).toString('hex');
  const secrets = { PLAIN: `plain-${random}`, SPECIAL: `p@ss"w\\o'r$d {${random}} %/+ü` };
  const forms = Object.values(secrets).flatMap(formsOf);
  const marker = `marker-${randomBytes(8).toString('hex')}`;
  await using plant = await BuildPlant.start();
  await using gate = await Gate.start();
  const shown = Object.keys(secrets).flatMap((name) => {
    const file = `/run/secrets/${name}`;
    return [`cat ${file}`, 'echo', `base64 ${file}`, `xxd -p -c 256 ${file}`, `(printf x; cat ${file}) | base64`];
  });
  const mounts = Object.keys(secrets).map((name) => `--mount=type=secret,id=${name}`);
  const folder = await plant.context([
    'FROM kubidu.test/busybox:1',
    `RUN ${mounts.join(' ')} ${shown.join('; ')}; echo ${marker}; ${gate.command}; exit 3`,
  ]);
  const flags = Object.keys(secrets).flatMap((name) => ['--secret', `id=${name}`]);
  await using cli = await plant.deploy(folder, flags, secrets);
  const id = await plant.queuedBy(cli);
  await gate.reached();

  const meanwhile = [...(await everywhere(plant)), ...(await refusals(plant, secrets))];
  gate.release();
  expect(await cli.exit()).toBe(1);
  const log = JSON.stringify(await plant.log(id));
  const afterwards = [...(await everywhere(plant)), place('log', log), place('CLI', cli.stdout + cli.stderr)];

  // What must be there is found: the step's command is one of the machine's, and its line in what Redis has written down.
  expect(holding(meanwhile, [marker])).toEqual(expect.arrayContaining(['ps', expect.stringMatching(/\.(?:rdb|aof)$/)]));
  expect(holding(meanwhile, ['buildx build'])).toContain('ps');
  expect(holding(afterwards, [marker])).toEqual(
    expect.arrayContaining([expect.stringMatching(/\.rdb$/), 'log', 'CLI']),
  );
  expect(holding(meanwhile, forms)).toEqual([]);
  expect(holding(afterwards, forms)).toEqual([]);
  expect(log.match(/\*\*\*/g)).toHaveLength(8);
}, 120_000);
