import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import { eventually } from '../eventually.ts';
import { RawHttp } from '../protocol/raw-http.ts';
import { Shell } from '../shell.ts';
import { ArchivePlant } from './archive-plant.ts';

/** Three pages of the largest size. Nearly everything is archived: the store keeps 64 KiB. */
const LINES = 30_000;
const EACH_MS = 100;
/** How far the clocks of those who write are apart. */
const SKEW_MS = 2_000;
const BEGAN = Math.floor(Date.now() / 1_000) * 1_000 - 2 * 3_600_000;

/** Every thousandth line fails, and says so as an error. */
const message = (n: number) => (n % 1_000 === 0 ? `ERROR line ${n} (failed)` : `INFO line ${n}`);
const time = (n: number) => BEGAN + n * EACH_MS + (n % 3) * SKEW_MS;
const at = (n: number) => new Date(time(n)).toISOString();
const failed = (n: number) => n % 1_000 === 0;

/** What `-o raw` prints of the lines that are wanted, the newest of them where there are so many. */
function raw(wanted: (n: number) => boolean, newest = Infinity, through = LINES): string {
  const found = Array.from({ length: through }, (_, i) => i + 1).filter(wanted);
  return found
    .slice(-newest)
    .map((n) => `${message(n)}\n`)
    .join('');
}
const between = (from: number, to: number) => (n: number) => time(n) >= time(from) && time(n) <= time(to);
const all = () => true;

let plant: ArchivePlant;
let url: string;
let lastIndex = 0;
let home: string;
const shells: Shell[] = [];

async function feed(count: number): Promise<void> {
  const http = new RawHttp(url);
  const through = lastIndex + count;
  while (lastIndex < through) {
    const entries = Array.from({ length: Math.min(1_000, through - lastIndex) }, (_, i) => {
      const n = lastIndex + i + 1;
      return { id: `line-${n}`, timestamp: at(n), message: message(n) };
    });
    ({ lastIndex } = await http.post<{ lastIndex: number }>('/api/streams/runtime:web/entries', { entries }));
  }
}

beforeAll(async () => {
  plant = await ArchivePlant.start({ roles: ['gateway,archiver'] });
  url = plant.replicas[0]?.api.url ?? '';
  await feed(LINES);
  // An item's name is its last index: the first one that Redis still has is far behind the first line.
  await eventually(
    async () => {
      const [id = ''] = (await plant.redis.cli('xrange', 'logs:{runtime:web}:entries', '-', '+', 'count', 1)).split(
        '\n',
      );
      return Number.parseInt(id, 10) > LINES / 2;
    },
    { timeoutMs: 60_000 },
  );
}, 120_000);
afterAll(() => plant[Symbol.asyncDispose]());

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'kubidu-test-history-'));
});
afterEach(async () => {
  for (const each of shells.splice(0)) await each[Symbol.asyncDispose]();
  await rm(home, { recursive: true });
});

function shell(command: string): Shell {
  const started = new Shell(command, { home, env: { KUBIDU_SERVER: url, KUBIDU_SERVICE: 'web' } });
  shells.push(started);
  return started;
}

/** Runs a command line to its end: exit code, what it printed, and what it said beside. */
async function run(command: string): Promise<[number | null, string, string]> {
  const running = shell(command);
  const code = await running.exit();
  return [code, running.stdout, running.stderr];
}

describe('kubidu logs, of lines that are in the archive and in Redis', () => {
  it.each([
    { flags: '-n all', printed: raw(all) },
    { flags: '-n 20000', printed: raw(all, 20_000) },
    { flags: '--since-index 5', printed: raw((n) => n > 5) },
    { flags: '-g failed', printed: raw(failed) },
    { flags: '-g failed -n 3', printed: raw(failed, 3) },
    { flags: "-g '/line 2\\d000 /'", printed: raw((n) => failed(n) && n >= 20_000 && n < 30_000) },
    { flags: '--level error -n all', printed: raw(failed) },
    { flags: '--level error -g 7000', printed: raw((n) => failed(n) && String(n).endsWith('7000')) },
    { flags: '-g absent -n all', printed: '' },
    { flags: '--since {29500}', printed: raw((n) => time(n) >= time(29_500)) },
    { flags: '--since {500} -n 7', printed: raw((n) => time(n) >= time(500), 7) },
    { flags: '--until {700} -n all', printed: raw((n) => time(n) <= time(700)) },
    { flags: '--until {700} -n 9', printed: raw((n) => time(n) <= time(700), 9) },
    { flags: '--since {12345} --until {12999}', printed: raw(between(12_345, 12_999)) },
    {
      flags: '--since {5500} --until {15500} --level error',
      printed: raw((n) => failed(n) && between(5_500, 15_500)(n)),
    },
    { flags: '--since 3h -g failed -n 2', printed: raw(failed, 2) },
    { flags: '--since 1s', printed: '' },
    { flags: '--until 3h', printed: '' },
  ])(
    'prints with $flags, where {n} is when line n was written, what is meant and nothing beside',
    async ({ flags, printed }) => {
      const timed = flags.replaceAll(/\{(\d+)\}/g, (_, n: string) => at(Number(n)));
      expect(await run(`kubidu logs -o raw ${timed}`)).toEqual([0, printed, '']);
    },
  );

  it('continues with --since-last behind what was printed, however far back that is', async () => {
    expect(await run(`kubidu logs -o raw --until ${at(1_000)} -n 5`)).toEqual([
      0,
      raw((n) => time(n) <= time(1_000), 5),
      '',
    ]);
    // The newest five of that time are not the five with the highest indexes at that time.
    const printed = Math.max(...Array.from({ length: LINES }, (_, i) => i + 1).filter((n) => time(n) <= time(1_000)));
    expect(await run('kubidu logs -o raw --since-last')).toEqual([0, raw((n) => n > printed), '']);
    expect(await run('kubidu logs -o raw --since-last')).toEqual([0, '', '']);
  });

  it('proves with --check that nothing is missing, also where only some lines are wanted', async () => {
    expect(await run('kubidu logs -o raw -n all --check -g failed')).toEqual([0, raw(failed), 'complete: 1–30,000\n']);
  });
});

describe('a reader who leaves in the middle of archived history', () => {
  it.each([1, 12_345])('by a pipe closed after line %i gets these lines, and nothing is said', async (count) => {
    expect(await run(`kubidu logs -n all -o raw | head -${count}; exit \${PIPESTATUS[0]}`)).toEqual([
      0,
      raw((n) => n <= count),
      '',
    ]);
  });

  it('by a pipe closed after the first of few matches gets that', async () => {
    expect(await run('kubidu logs -n all -o raw -g failed | head -1; exit ${PIPESTATUS[0]}')).toEqual([
      0,
      raw((n) => n === 1_000),
      '',
    ]);
  });

  it('by Ctrl-C gets whole what was printed until then, and 130', async () => {
    const running = shell('mkfifo out; kubidu logs -n all -o raw --check > out');
    const reader = createReadStream(await openable(join(home, 'out')), { highWaterMark: 1_024 });
    let read = '';
    await once(reader, 'readable');
    // A pipe holds far less than the log: whoever writes it waits for its reader.
    read += String(reader.read());
    running.signal('SIGINT');
    for await (const piece of reader) read += String(piece);
    expect(await running.exit()).toBe(130);
    expect(running.stderr).toMatch(/^complete: 1–[\d,]+\n$/);
    expect(read.length).toBeLessThan(raw(all).length);
    expect(raw(all).startsWith(read)).toBe(true);
  });
});

/** A path, once something is there. */
async function openable(path: string): Promise<string> {
  await eventually(async () => (await run(`test -p '${path}'`))[0] === 0);
  return path;
}

describe('on a terminal', () => {
  const pty = (command: string): string => `script -qefc "${command}" /dev/null`;

  it('it is said how far one is, and nothing of that is left in the end', async () => {
    const [code, said] = await run(pty('kubidu logs -n all -o raw > out.txt'));
    expect(code).toBe(0);
    expect(said).toMatch(/\r\x1b\[Kkubidu: [\d,]+ of 30,000 lines read/);
    expect(said.endsWith('\r\x1b[K')).toBe(true);
    expect(await readFile(join(home, 'out.txt'), 'utf8')).toBe(raw(all));
  });

  it('it stands below the lines where both go there', async () => {
    const [code, said] = await run(pty('kubidu logs -n all -o raw'));
    expect(code).toBe(0);
    expect(said).toMatch(/kubidu: [\d,]+ of 30,000 lines read/);
    expect(said.replaceAll(/\r\x1b\[K(?:kubidu: [^\r]*)?/g, '').replaceAll('\r\n', '\n')).toBe(raw(all));
  });

  it('nothing is said where only the lines go there', async () => {
    const [code, said] = await run(pty('kubidu logs -n all -o raw 2> err.txt'));
    expect([code, await readFile(join(home, 'err.txt'), 'utf8')]).toEqual([0, '']);
    expect(said.replaceAll('\r\n', '\n')).toBe(raw(all));
  });
});

describe('kubidu logs -f', () => {
  it('prints what is archived, what is in Redis and what comes, each once; all or what matches', async () => {
    const started = [
      shell('kubidu logs -f -n all -o raw --check'),
      shell('kubidu logs -f -n all -o raw -g failed'),
      shell('kubidu logs -f -n 2 -o raw -g failed'),
      shell(`kubidu logs -f -o raw --since ${at(20_500)} --level error`),
    ];
    const expected = (through: number) => [
      raw(all, Infinity, through),
      raw(failed, Infinity, through),
      raw((n) => failed(n) && n > LINES - 2_000, Infinity, through),
      raw((n) => failed(n) && time(n) >= time(20_500), Infinity, through),
    ];
    const printed = () => started.map(({ stdout }) => stdout);
    await eventually(() => expect(printed()).toEqual(expected(LINES)), { timeoutMs: 30_000 });
    await feed(2_500);
    await eventually(() => expect(printed()).toEqual(expected(LINES + 2_500)), { timeoutMs: 30_000 });
    for (const each of started) each.signal('SIGINT');
    expect(await Promise.all(started.map((each) => each.exit()))).toEqual([130, 130, 130, 130]);
    expect(started.map(({ stderr }) => stderr)).toEqual(['complete: 1–32,500\n', '', '', '']);
  });
});
