import { LineFramer, Masker, MaskingWriter, secretForms, systemClock } from '@kubidu/core';
import type { SourceLine, SourceWriter } from '@kubidu/core';
import { seededRandom } from '@kubidu/testing';

import type { Findings } from './benchmark.ts';

const LINES = 150_000;
const BATCH = 500;
const ROUNDS = 7;
const SECRETS = 50;
const TIME = '2026-11-21T00:00:00.123456789Z';
/** As many lines as the alternation is given: it is that slow. */
const FEW = 5_000;

export const title = 'Masking: lines through the masking writer, known shapes and 50 secrets';

/**
 * The same lines, as the framer makes them, through the masking writer with and without secrets, beside a pass that only
 * reads each character, and beside one regular expression with all forms of the secrets as its alternatives.
 */
export async function run(): Promise<Findings> {
  const random = seededRandom(1);
  const bytes = Buffer.from(Array.from({ length: LINES }, (_, n) => `${line(n, random)}\n`).join(''));
  const calls = framed(bytes);
  const few = calls.slice(0, FEW / BATCH);
  const fewBytes = Math.round((bytes.length * FEW) / LINES);
  const secrets = Array.from({ length: SECRETS }, (_, n) => secret(n, random));
  const alternation = new RegExp([...secretForms(secrets)].map((form) => form.replace(/\W/g, '\\$&')).join('|'), 'g');
  const shapes = new Masker();
  const both = new Masker({ secrets });
  const ways = [
    { way: 'reading each character, no masking', work: () => read(calls), bytes: bytes.length },
    { way: 'known shapes', work: () => write(calls, shapes), bytes: bytes.length },
    { way: 'known shapes and 50 secrets', work: () => write(calls, both), bytes: bytes.length },
    { way: 'one RegExp of all forms', work: () => replace(few, alternation), bytes: fewBytes },
  ];
  const rates = new Map(ways.map(({ way }) => [way, [] as Rate[]]));
  // In turns: what else the machine does then slows all of them.
  for (let round = 0; round < ROUNDS; round++)
    for (const { way, work, bytes: count } of ways) rates.get(way)?.push(rate(work, count));
  const rows = [...rates].map(([way, all]) => ({
    way,
    wall: median(all.map(({ wall }) => wall)),
    cpu: median(all.map(({ cpu }) => cpu)),
  }));
  const [, , masked, other] = rows;
  return {
    rows: rows.map(({ way, wall, cpu }) => ({ way, 'MB/s': Math.round(wall), 'MB/s of CPU time': Math.round(cpu) })),
    bars: [
      {
        what: 'known shapes and 50 secrets, MB/s of CPU time, median',
        value: Math.round(masked?.cpu ?? 0),
        bar: '≥ 200',
        met: (masked?.cpu ?? 0) >= 200,
      },
      {
        what: '÷ one RegExp of all forms',
        value: ((masked?.cpu ?? 0) / (other?.cpu ?? 1)).toFixed(1),
        bar: '> 1',
        met: (masked?.cpu ?? 0) > (other?.cpu ?? 0),
      },
    ],
    notes: [
      `${Math.round(bytes.length / 1e6)} MB of lines of ${Math.round(bytes.length / LINES)} bytes on average, of which one in a hundred holds a secret; the secrets have ${alternation.source.split('|').length} forms. CPU time is that of the process in user mode: on a busy machine it says more than the wall clock.`,
    ],
  };
}

interface Rate {
  readonly wall: number;
  readonly cpu: number;
}

function rate(work: () => void, bytes: number): Rate {
  const cpu = process.cpuUsage();
  const began = performance.now();
  work();
  const wall = performance.now() - began;
  return { wall: bytes / 1e3 / wall, cpu: bytes / process.cpuUsage(cpu).user };
}

function framed(bytes: Buffer): SourceLine[][] {
  const calls: SourceLine[][] = [];
  const call: SourceLine[] = [];
  const framer = new LineFramer();
  // As a pipe gives them.
  for (let at = 0; at < bytes.length; at += 65_536)
    framer.push(bytes.subarray(at, at + 65_536), (message) => {
      call.push({ timestamp: TIME, message });
      if (call.length === BATCH) calls.push(call.splice(0));
    });
  return [...calls, call];
}

let seen = 0;
const nowhere: SourceWriter = {
  lines: (lines) => void (seen += lines.length),
  event: () => undefined,
  ready: async () => undefined,
  flush: async () => undefined,
};

function write(calls: readonly SourceLine[][], masker: Masker): void {
  const writer = new MaskingWriter({ writer: nowhere, masker, clock: systemClock });
  for (const call of calls) writer.lines(call, 'cursor', 'stdout');
}

function read(calls: readonly SourceLine[][]): void {
  for (const call of calls)
    for (const { message } of call)
      for (let at = 0; at < message.length; at++) seen = (seen + message.charCodeAt(at)) | 0;
}

function replace(calls: readonly SourceLine[][], alternation: RegExp): void {
  for (const call of calls) for (const { message } of call) seen += message.replace(alternation, '***').length;
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

function word(random: () => number, length: number, alphabet = ALPHABET): string {
  return Array.from({ length }, () => alphabet[Math.floor(random() * alphabet.length)]).join('');
}

/** Tokens, passwords with what has to be escaped, and URLs. */
function secret(n: number, random: () => number): string {
  if (n % 3 === 0) return word(random, 40);
  if (n % 3 === 1) return word(random, 24, `${ALPHABET}!"$%&/()=?+#'-_.:;@ `);
  return `postgres://app:${word(random, 16)}@db-${n}:5432/app`;
}

/** A mix of what services write: JSON, access logs, words. */
function line(n: number, random: () => number): string {
  const number = (most: number) => Math.floor(random() * most);
  const hex = (length: number) => word(random, length, '0123456789abcdef');
  const time = new Date(Date.UTC(2026, 0, 1) + n).toISOString();
  switch (n % 5) {
    case 0:
    case 1:
      return `{"time":"${time}","level":"info","service":"shop-api","trace":"${hex(16)}","n":${n},"msg":"request completed","method":"GET","path":"/api/v1/orders/${number(500_000)}","status":200,"ms":${number(900)},"ip":"10.${number(256)}.${number(256)}.${number(256)}"}`;
    case 2:
      return `10.0.${number(256)}.${number(256)} - - [${time}] "GET /static/app.js?v=${hex(8)} HTTP/1.1" 200 ${number(90_000)} "https://shop.example.com/cart" "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36"`;
    case 3:
      return `${time} WARN  [worker-${number(8)}] slow query (${number(5_000)} ms): select * from orders where customer_id = ${number(900_000)} order by created_at desc limit 50`;
    default:
      return n % 100 === 4
        ? `connecting with token=ghp_${word(random, 36)}`
        : `#${number(40)} ${(number(9_000) / 100).toFixed(3)} added ${number(900)} packages, and audited ${number(2_000)} packages in ${number(60)}s`;
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}
