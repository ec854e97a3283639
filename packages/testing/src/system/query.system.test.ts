import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { eventually } from '../eventually.ts';
import { RawHttp } from '../protocol/raw-http.ts';
import { RunningApi } from '../running-api.ts';
import { RunningCli } from '../running-cli.ts';

/** Every thousandth line fails, and says so as an error. */
const message = (n: number) => (n % 1_000 === 0 ? `ERROR line ${n} (failed)` : `INFO line ${n}`);
const lines = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => message(from + at));
const failed = (from: number, to: number) =>
  Array.from({ length: (to - from) / 1_000 + 1 }, (_, at) => `${message(from + at * 1_000)}\n`).join('');

let api: RunningApi;

beforeAll(async () => {
  api = await RunningApi.start();
  await new RawHttp(api.url).feed('runtime:web', lines(1, 20_000));
}, 60_000);
afterAll(() => api[Symbol.asyncDispose]());

const kubidu = (...args: string[]) =>
  RunningCli.start(['logs', 'web', '-o', 'raw', ...args], { env: { KUBIDU_SERVER: api.url } });

describe('kubidu logs with a query', () => {
  it.each([
    { args: ['-g', 'failed'], printed: failed(1_000, 20_000) },
    { args: ['-g', 'failed', '-n', '3'], printed: failed(18_000, 20_000) },
    { args: ['-g', 'failed', '-n', 'all'], printed: failed(1_000, 20_000) },
    { args: ['--level', 'error', '-n', '2'], printed: failed(19_000, 20_000) },
    { args: ['--level', 'warn', '-g', '/ 1?7000 /'], printed: failed(7_000, 7_000) + failed(17_000, 17_000) },
    { args: ['--level', 'fatal'], printed: '' },
    { args: ['-g', 'failed', '--since-index', '17999'], printed: failed(18_000, 20_000) },
    { args: ['-g', 'failed', '--since', '1h', '-n', '2'], printed: failed(19_000, 20_000) },
    { args: ['-g', 'failed', '--pod', 'none'], printed: '' },
    { args: ['-g', '-info', '--check'], printed: failed(1_000, 20_000) },
  ])('prints what matches $args', async ({ args, printed }) => {
    await using cli = await kubidu(...args);
    expect(await cli.exit()).toBe(0);
    expect(cli.stdout).toBe(printed);
    if (args.includes('--check')) expect(cli.stderr).toContain('complete: ');
  });

  it('says where a query is wrong, and ends with status 2', async () => {
    await using cli = await kubidu('-g', 'failed (again');
    expect(await cli.exit()).toBe(2);
    expect(cli.stderr).toContain('the parenthesis is not closed (column 8)\n  failed (again\n         ^');
    await using level = await kubidu('--level', 'loud');
    expect(await level.exit()).toBe(2);
  });

  it('follows what matches, through a restart of the server, printing every match once', async () => {
    await using cli = await kubidu('-f', '-g', 'failed', '-n', '1');
    await using all = await kubidu('-f', '-g', 'failed', '--since', '1h', '-n', 'all');
    await eventually(() => cli.stdout === failed(20_000, 20_000) && all.stdout === failed(1_000, 20_000), {
      timeoutMs: 20_000,
    });
    const http = new RawHttp(api.url);
    await http.feed('runtime:web', lines(20_001, 25_000));
    await api.restart();
    await http.feed('runtime:web', lines(25_001, 30_000));
    await eventually(() => cli.stdout === failed(20_000, 30_000), { timeoutMs: 20_000 });
    await eventually(() => all.stdout === failed(1_000, 30_000), { timeoutMs: 20_000 });
    cli.signal('SIGINT');
    expect(await cli.exit()).toBe(130);
  }, 60_000);
});
