import type { LogEntry } from '@kubidu/contracts';

/** Entries of one kind, and how the gallery shows them. */
export interface Sample {
  readonly title: string;
  readonly entries: readonly LogEntry[];
  readonly query?: string;
  readonly wrap?: true;
  /** Indexes of what is open, or pointed at. */
  readonly pointed?: number;
  readonly lineOpen?: number;
  readonly fieldsOpen?: number;
  readonly traceOpen?: number;
}

let last = 1_200;

function entry(message: string, more: Partial<LogEntry> = {}): LogEntry {
  const index = ++last;
  const ms = String(index % 1_000).padStart(3, '0');
  return { index, timestamp: `2026-11-20T23:16:${String(index % 60).padStart(2, '0')}.${ms}Z`, message, ...more };
}

const web = { podName: 'web-7d9f-x2k', container: 'app', stream: 'stdout' } as const;
const api = { podName: 'api-5c4d-m1z', container: 'app', stream: 'stdout' } as const;
const proxy = { podName: 'api-5c4d-m1z', container: 'proxy', stream: 'stderr' } as const;
const worker = { podName: 'worker-6b8c9-q4w7z', container: 'app', stream: 'stdout' } as const;
const system = { stream: 'system' } as const;

const ESC = '\x1b[';

const cube = (from: number): string =>
  Array.from({ length: 36 }, (_, i) => `${ESC}38;5;${from + i}m${String(from + i).padStart(4)}${ESC}0m`).join('');
const rainbow = (ground: 38 | 48): string =>
  Array.from({ length: 64 }, (_, i) => {
    const [r, g, b] = [0, 2, 4].map((third) => Math.round(127 * (1 + Math.sin((i / 64) * 6.283 + third))));
    return `${ESC}${ground};2;${r};${g};${b}m▪`;
  }).join('') + `${ESC}0m`;

/** Every state of a row. */
export const SAMPLES: readonly Sample[] = [
  {
    title: 'Levels and pods',
    entries: [
      entry('module graph loaded in 38 ms', { ...web, level: 'TRACE' }),
      entry('cache miss for session 8c0f2a', { ...web, level: 'DEBUG' }),
      entry('Listening on :3000', { ...web, level: 'INFO' }),
      entry('upstream timeout after 30s (POST /api/orders), retrying', { ...proxy, level: 'WARN' }),
      entry('connection refused: 10.0.0.7:5432', { ...api, level: 'ERROR' }),
      entry('out of file descriptors, giving up', { ...worker, level: 'FATAL' }),
      entry('a line whose level nobody knows', worker),
    ],
  },
  {
    title: 'What the system says',
    entries: [
      entry('', { ...system, event: { type: 'release', deploymentId: '42' } }),
      entry('', { ...system, ...webOf(), event: { type: 'container-started', restart: 0 } }),
      entry('ready', { ...web, level: 'INFO' }),
      entry('', {
        ...system,
        ...webOf(),
        event: { type: 'container-exited', exitCode: 137, reason: 'OOMKilled', restart: 0 },
      }),
      entry('', {
        ...system,
        event: { type: 'lost', lines: 120, reason: 'rotated', podName: 'api-5c4d-m1z', container: 'app' },
      }),
      entry('', { ...system, podName: 'web-7d9f-x2k', event: { type: 'pod-deleted' } }),
      entry('', {
        ...system,
        event: { type: 'build-step', step: 4, total: 9, name: 'RUN npm ci', status: 'succeeded', durationMs: 12_400 },
      }),
      entry('', {
        ...system,
        event: { type: 'build-step', step: 5, total: 9, name: 'COPY . .', status: 'cached' },
      }),
      entry('', { ...system, event: { type: 'build-finished', status: 'failed', exitCode: 1 } }),
    ],
  },
  {
    title: 'Colours',
    entries: [
      entry(
        Array.from({ length: 16 }, (_, i) => `${ESC}${i < 8 ? 30 + i : 82 + i}mcolour ${i}${ESC}0m`).join(' '),
        web,
      ),
      entry(
        Array.from({ length: 16 }, (_, i) => `${ESC}${i < 8 ? 40 + i : 92 + i}m ground ${i} ${ESC}0m`).join(''),
        web,
      ),
      entry(cube(16), web),
      entry(cube(124), web),
      entry(cube(232 - 36), web),
      entry(`${rainbow(38)} ${rainbow(48)} true colours`, web),
      entry(
        `${ESC}1mbold${ESC}0m ${ESC}2mdim${ESC}0m ${ESC}3mitalic${ESC}0m ${ESC}4munderlined${ESC}0m ${ESC}9mstruck${ESC}0m ${ESC}7minverse${ESC}0m ${ESC}1;31;4mall at once${ESC}0m ${ESC}2;32mdim green${ESC}0m ${ESC}8mconcealed${ESC}0m`,
        web,
      ),
      entry(`${ESC}31ma colour that is left open`, web),
      entry('and does not run into the next line', web),
    ],
  },
  {
    title: 'Progress',
    entries: [
      entry('downloading   1%\rdownloading  50%\rdownloading 100%', web),
      entry(`[          ]  0%\r${ESC}K[=====     ] 50%\r${ESC}K[==========] 100%`, web),
      entry('|\b/\b-\b\\\bdone\x07', web),
    ],
  },
  {
    title: 'Search: timeout OR /[0-9]+ms/',
    query: 'timeout OR /[0-9]+ms/',
    pointed: last + 3,
    entries: [
      entry('Timeout after 300ms, next timeout in 600ms', { ...api, level: 'WARN' }),
      entry(`${ESC}32mGET${ESC}0m /orders ${ESC}33m284${ESC}1mms${ESC}0m`, { ...api, level: 'INFO' }),
      entry('gateway timeout: the line that is pointed at', { ...api, level: 'ERROR' }),
    ],
  },
  {
    title: 'Fields',
    fieldsOpen: last + 1,
    entries: [
      entry(
        JSON.stringify({
          level: 50,
          msg: 'Timeout while charging the card',
          http: { status: 504, method: 'POST', path: '/api/orders' },
          userId: 42,
          tags: ['slow', 'eu'],
          retry: true,
          parent: null,
          'a name with spaces': 'and a value',
        }),
        { ...api, level: 'ERROR' },
      ),
      entry('level=info msg="request done" status=200 took=12.5 path=/api/orders', { ...proxy, level: 'INFO' }),
      entry('call answered', { ...worker, id: '8c0f', state: 'IN_CALL', context: { userId: 42, region: 'eu' } }),
    ],
  },
  {
    title: 'Stack traces',
    traceOpen: last + 1,
    entries: [
      entry('java.lang.IllegalStateException: no card', { ...api, level: 'ERROR', stream: 'stderr' }),
      entry('\tat com.shop.Pay.charge(Pay.java:42)', { ...api, stream: 'stderr' }),
      entry('\tat com.shop.Pay.main(Pay.java:12)', { ...api, stream: 'stderr' }),
      entry('Caused by: java.io.IOException: timeout', { ...api, stream: 'stderr' }),
      entry('\t... 12 more', { ...api, stream: 'stderr' }),
      entry('Error: connect ECONNREFUSED 10.0.0.7:5432', { ...web, level: 'ERROR', stream: 'stderr' }),
      entry('    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1555:16)', { ...web, stream: 'stderr' }),
      entry('    at async Promise.all (index 0)', { ...web, stream: 'stderr' }),
      entry('goodbye', { ...web, level: 'INFO' }),
    ],
  },
  {
    title: 'Hostile lines',
    entries: [
      entry('<img src=x onerror="document.title=\'owned\'"> <script>document.title="owned"</script>', web),
      entry('javascript:alert(1) \x1b]8;;javascript:alert(1)\x1b\\click here\x1b]8;;\x1b\\', web),
      entry('access level: \u202eresu\u202c // \u2066admin\u2069', web),
      entry('zero\u200bwidth\ufeff and soft\u00adhyphen, \u2028 line separator, family 👨\u200d👩\u200d👧 stays', web),
      entry(`${ESC}2J${ESC}H${ESC}?1049h\x1b]0;owned\x07\x1bcstill only text`, web),
      entry(`Z${'\u0301\u0302\u0303\u0348\u0330\u0332'.repeat(20)}algo stays in its row`, web),
      entry('שלום עולם, 42 – and English again', web),
    ],
  },
  {
    title: 'Long lines',
    entries: [
      entry(`{"blob":"${'lorem ipsum '.repeat(30)}"}`, web),
      entry(`begin ${'0123456789'.repeat(26_000)} end`, { ...web, truncated: 1_200 }),
    ],
  },
  {
    title: 'Long lines, wrapped',
    wrap: true,
    entries: [
      entry(`a sentence that goes on and on, ${'word after word, '.repeat(24)}until it ends`, web),
      entry(`withoutanyspace${'x'.repeat(400)}`, { ...web, level: 'WARN' }),
    ],
  },
];

function webOf(): Pick<LogEntry, 'podName' | 'container' | 'restart'> {
  return { podName: 'web-7d9f-x2k', container: 'app', restart: 0 };
}
