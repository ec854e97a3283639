import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { eventually } from '../eventually.ts';
import { PlainReader } from '../plain-reader.ts';
import { RealCluster } from '../real-cluster.ts';
import type { RunningApi } from '../running-api.ts';
import { RunningCli } from '../running-cli.ts';
import { writerPod } from '../writers/pods.ts';
import { startClusterApi } from './cluster-api.ts';

const KEPT = 256 * 1024;

/** What a container prints, with a shell's `printf`; what a reader of entries gets; what a terminal gets. */
const LINES: readonly {
  name: string;
  print: string;
  message: string | number;
  text: string | number;
  truncated?: number;
}[] = [
  { name: 'empty', print: `echo`, message: '', text: '' },
  { name: '16 KiB', print: `head -c 16384 /dev/zero | tr '\\0' a; echo`, message: 16_384, text: 16_384 },
  {
    name: '10 MB',
    print: `head -c 10000000 /dev/zero | tr '\\0' b; echo`,
    message: KEPT,
    text: KEPT,
    truncated: 10_000_000 - KEPT,
  },
  { name: 'invalid UTF-8', print: `printf 'a\\377b\\n'`, message: 'a\ufffdb', text: 'a\ufffdb' },
  { name: 'NUL', print: `printf 'a\\0b\\n'`, message: 'a\0b', text: expectControlFree('a', 'b') },
  { name: 'CRLF', print: `printf 'dos\\r\\n'`, message: 'dos', text: 'dos' },
  { name: 'a progress bar', print: `printf '10%%\\r 50%%\\r100%%\\n'`, message: '10%\r 50%\r100%', text: '100%' },
  { name: 'colours', print: `printf '\\033[31mred\\033[0m\\n'`, message: '\u001b[31mred\u001b[0m', text: 'red' },
  {
    name: 'a moving cursor',
    print: `printf 'up\\033[2A\\033[2Jdown\\n'`,
    message: 'up\u001b[2A\u001b[2Jdown',
    text: 'updown',
  },
  { name: 'a title', print: `printf 'x\\033]0;owned\\007y\\n'`, message: 'x\u001b]0;owned\u0007y', text: 'xy' },
  { name: 'markup', print: `printf '</script><b>\\n'`, message: '</script><b>', text: '</script><b>' },
  { name: 'no final newline', print: `printf 'the end'`, message: 'the end', text: 'the end' },
];

/** Marks a text of which the parts count, and that nothing but printable characters is between them. */
function expectControlFree(...parts: readonly string[]): string {
  return `~${parts.join('~')}`;
}

const shortened = (text: string) => (text.length > 100 ? text.length : text);

describe('lines of any kind', () => {
  let cluster: RealCluster;
  let api: RunningApi;
  let reader: PlainReader;

  beforeAll(async () => {
    cluster = await RealCluster.open();
    api = await startClusterApi([cluster.namespace]);
    reader = new PlainReader({ url: api.url, service: 'odd' });
    const script = LINES.map(({ print }) => print).join('; sleep 0.05; ');
    await cluster.apply(writerPod({ name: 'odd', service: 'odd', containers: [{ script }] }));
    await eventually(() => reader.entries.some(({ event }) => event?.type === 'container-exited'), {
      timeoutMs: 60_000,
    });
  }, 120_000);

  afterAll(async () => {
    await reader[Symbol.asyncDispose]();
    await api[Symbol.asyncDispose]();
    await cluster[Symbol.asyncDispose]();
  }, 60_000);

  it('reach a reader of entries as they were written, whole or with what is cut counted', () => {
    const got = reader.entries.filter(({ event }) => !event);
    expect(got.map(({ message, truncated }) => [shortened(message), truncated])).toEqual(
      LINES.map(({ message, truncated }) => [message, truncated]),
    );
  });

  it.each([
    { colour: 'never', own: /^(?!.*\u001b)/ },
    { colour: 'always', own: /^/ },
  ])('reach a terminal as harmless text, with colours $colour', async ({ colour, own }) => {
    await using cli = await RunningCli.start(
      ['logs', 'odd', '-n', 'all', '--no-timestamps', '--no-prefix', '--color', colour],
      {
        env: { KUBIDU_SERVER: api.url },
      },
    );
    expect(await cli.exit()).toBe(0);

    const plain = cli.stdout.replace(/\u001b\[[\d;:]*m/g, '');

    expect(plain).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    expect(cli.stdout).toMatch(own);
    const printed = plain.split('\n').filter((line) => !line.startsWith('●'));
    for (const { name, text } of LINES) {
      if (typeof text === 'string' && text.startsWith('~')) continue;
      if (typeof text === 'number')
        expect({ name, found: printed.some((line) => line.length >= text) }).toEqual({ name, found: true });
      else expect({ name, printed }).toEqual({ name, printed: expect.arrayContaining([text]) });
    }
  });

  it('reach a pipe byte for byte with -o raw', async () => {
    await using cli = await RunningCli.start(['logs', 'odd', '-n', 'all', '-o', 'raw'], {
      env: { KUBIDU_SERVER: api.url },
    });
    expect(await cli.exit()).toBe(0);
    expect(cli.stdout.split('\n').slice(0, -1).map(shortened)).toEqual(LINES.map(({ message }) => message));
  });
});
