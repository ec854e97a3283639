import { readFileSync } from 'node:fs';
import path from 'node:path';

import { filesUnder, packages, root } from '../workspace/root.mjs';

/**
 * @typedef {'unit' | 'redis' | 's3' | 'moto' | 'system' | 'archive' | 'browser' | 'docker' | 'kubernetes' | 'rotation'} SuiteName
 * @typedef {'machine' | 'engine' | 'cluster'} Whole
 * @typedef {object} Suite
 * @property {SuiteName} name
 * @property {readonly string[]} needs what has to be there: build, redis, s3, moto, chromium, docker, cluster, rotation
 * @property {(file: string) => Whole | undefined} alone what a file has to have for itself: the machine, because it
 *   measures; the Docker engine or the cluster, because it changes what others see of it
 * @property {number} [workers] how many files run side by side; default 2
 * @property {(infixes: readonly string[]) => boolean} takes whether a file with these infixes belongs here
 */

/** Nothing. @type {Suite['alone']} */
const never = () => undefined;

/** Whether a test kills parts of the cluster, under whatever else uses it. @type {(file: string) => boolean} */
export const killsComponents = (file) => /\bRealCluster\.(restart|rotatingAt)\(/.test(readFileSync(file, 'utf8'));

/** Whether a test measures what a server takes, or how smoothly a page runs. @type {(file: string) => boolean} */
const measures = (file) => /\bapi\.memory\(\)|\bSmoothness\b/.test(readFileSync(file, 'utf8'));

/** @type {(file: string) => Whole | undefined} */
const machineToMeasure = (file) => (measures(file) ? 'machine' : undefined);

/** Of files that wait most of the time: for pods, for locks to run out, for servers to come back. */
const WAITING = 3;

/**
 * In the order in which they run, see {@link import('./schedule.mjs').schedule}: what fails fastest comes first. A file's infixes say what it needs:
 * x.test.ts, x.redis.test.ts, x.s3.test.ts, x.moto.test.ts, x.system.test.ts, x.system.s3.test.ts, x.browser.test.ts,
 * x.docker.test.ts, x.kubernetes.test.ts, x.rotation.kubernetes.test.ts.
 * @type {readonly Suite[]}
 */
export const suites = [
  { name: 'unit', needs: [], alone: never, takes: (infixes) => infixes.length === 0 },
  { name: 'redis', needs: ['redis'], alone: never, takes: (infixes) => infixes.join() === 'redis' },
  { name: 's3', needs: ['s3'], alone: never, takes: (infixes) => infixes.join() === 's3' },
  { name: 'moto', needs: ['moto'], alone: never, takes: (infixes) => infixes.join() === 'moto' },
  {
    name: 'system',
    needs: ['build', 'redis'],
    alone: machineToMeasure,
    workers: WAITING,
    takes: (infixes) =>
      infixes.includes('system') && !['s3', 'docker', 'kubernetes'].some((one) => infixes.includes(one)),
  },
  {
    name: 'archive',
    needs: ['build', 'redis', 's3'],
    alone: never,
    takes: (infixes) => infixes.includes('system') && infixes.includes('s3'),
  },
  {
    name: 'browser',
    needs: ['build', 'chromium'],
    alone: machineToMeasure,
    takes: (infixes) => infixes.join() === 'browser',
  },
  {
    name: 'docker',
    needs: ['build', 'redis', 'docker'],
    alone: () => 'engine',
    takes: (infixes) => infixes.includes('docker') && !infixes.includes('kubernetes'),
  },
  {
    name: 'kubernetes',
    needs: ['build', 'redis', 'cluster'],
    alone: (file) => (killsComponents(file) ? 'cluster' : undefined),
    workers: WAITING,
    takes: (infixes) => infixes.includes('kubernetes') && !infixes.includes('rotation'),
  },
  {
    name: 'rotation',
    needs: ['build', 'redis', 'cluster', 'rotation'],
    alone: () => 'cluster',
    takes: (infixes) => infixes.includes('kubernetes') && infixes.includes('rotation'),
  },
];

const known = ['redis', 's3', 'moto', 'system', 'browser', 'docker', 'kubernetes', 'rotation'];

/** @type {(file: string) => string[]} */
const infixesOf = (file) =>
  path
    .basename(file)
    .split('.')
    .slice(1)
    .filter((part) => known.includes(part));

/** The suite that a test file belongs to. @type {(file: string) => Suite | undefined} */
export const suiteOf = (file) => suites.find((suite) => suite.takes(infixesOf(file)));

/**
 * The test files, sorted into their suites.
 * @param {{ only?: readonly string[], patterns?: readonly string[] }} choice names of suites and regular expressions
 *   on paths; nothing given means everything
 * @returns {{ suite: Suite, files: string[] }[]} suites without a file are left out
 */
export function testFiles({ only = [], patterns = [] } = {}) {
  const wanted = patterns.map((pattern) => new RegExp(pattern));
  const files = packages()
    .flatMap((found) => filesUnder(path.join(found.path, 'src')))
    .concat(filesUnder(path.join(root, 'scripts')))
    .filter((file) => /\.test\.(tsx?|mjs)$/.test(file))
    .filter((file) => wanted.length === 0 || wanted.some((one) => one.test(path.relative(root, file))));
  return suites
    .filter((suite) => only.length === 0 || only.includes(suite.name))
    .map((suite) => ({ suite, files: files.filter((file) => suiteOf(file) === suite) }))
    .filter(({ files: found }) => found.length > 0);
}

/** How many tests a file has, as far as its text tells: a table counts once. At least 1. @type {(file: string) => number} */
export const countTests = (file) => readFileSync(file, 'utf8').match(/^\s*(it|test)(\.each)?\(/gm)?.length ?? 1;
