import type { Deployment, LogEvent, NewEntry } from '@kubidu/contracts';
import { PreparedData, systemEntry } from '@kubidu/testing/prepared-data';
import type { PreparedStream } from '@kubidu/testing/prepared-data';

/** Ids of the deployments in the scene; later ones sort behind. */
export const FAILED = '019a0000-0000-7000-8000-000000000001';
export const RELEASED = '019a0000-0000-7000-8000-000000000002';
export const QUEUED = '019a0000-0000-7000-8000-000000000004';
export const RUNNING = '019a0000-0000-7000-8000-000000000003';

const MINUTE_MS = 60_000;

type Step = Extract<LogEvent, { type: 'build-step' }>;

/**
 * A server's data in the middle of a working day: a shop with a checkout whose container was killed and started again, a
 * build that failed, one that was released, one that runs; a job and a bot, and `more`. Whoever prepares it disposes of it.
 */
export function scene(now = Date.now(), more: readonly PreparedStream[] = []): Promise<PreparedData> {
  const at: Clock = (minutesAgo, ms = 0) => new Date(now - minutesAgo * MINUTE_MS + ms).toISOString();
  return PreparedData.create([...streams(at), ...more], deployments(at));
}

/** A time so many minutes ago, and milliseconds after that. */
type Clock = (minutesAgo: number, ms?: number) => string;

function streams(at: Clock): PreparedStream[] {
  return [
    { stream: 'runtime:checkout', entries: runtime(at) },
    {
      stream: 'runtime:web',
      entries: [
        {
          timestamp: at(9),
          message: 'listening on :3000',
          podName: 'web-1',
          container: 'app',
          stream: 'stdout',
          level: 'INFO',
        },
      ],
    },
    { stream: `build:${FAILED}`, entries: build(at, 62, failedSteps), ended: { status: 'failed', exitCode: 1 } },
    { stream: `build:${RELEASED}`, entries: build(at, 31, goodSteps), ended: { status: 'succeeded', exitCode: 0 } },
    { stream: `build:${RUNNING}`, entries: build(at, 0.2, runningSteps) },
    {
      stream: 'job:import-2026-11',
      entries: lines(40, 'imported batch', at),
      ended: { status: 'succeeded', exitCode: 0 },
    },
    { stream: 'bot:night-watch', entries: lines(25, 'looked at queue', at) },
  ];
}

function deployments(at: Clock): Deployment[] {
  return [
    {
      deploymentId: FAILED,
      serviceId: 'checkout',
      status: 'failed',
      createdAt: at(62.2),
      startedAt: at(62),
      endedAt: at(61.2),
      exitCode: 1,
    },
    {
      deploymentId: RELEASED,
      serviceId: 'checkout',
      status: 'succeeded',
      createdAt: at(31.1),
      startedAt: at(31),
      endedAt: at(30),
      exitCode: 0,
      image: 'registry.local/checkout@sha256:0f3a9c',
    },
    { deploymentId: QUEUED, serviceId: 'web', status: 'queued', createdAt: at(0.1) },
    { deploymentId: RUNNING, serviceId: 'checkout', status: 'running', createdAt: at(0.3), startedAt: at(0.2) },
  ];
}

/** The log of a build that began so many minutes ago. */
function build(at: Clock, minutesAgo: number, steps: readonly [Step, readonly string[]][]): NewEntry[] {
  return steps.flatMap(([step, lines]) => [
    systemEntry(
      at(minutesAgo, step.step * 900),
      { type: 'build-step', step: step.step, total: step.total ?? 0, name: step.name, status: 'started' },
      { step: step.step },
    ),
    ...lines.map((message, line) => ({
      timestamp: at(minutesAgo, step.step * 900 + line),
      message,
      step: step.step,
    })),
    ...(step.status === 'started'
      ? []
      : [systemEntry(at(minutesAgo, step.step * 900 + 800), step, { step: step.step })]),
  ]);
}

const step = (number: number, name: string, status: Step['status'], durationMs?: number): Step => ({
  type: 'build-step',
  step: number,
  total: 6,
  name,
  status,
  ...(durationMs !== undefined && { durationMs }),
});

const failedSteps: readonly [Step, readonly string[]][] = [
  [step(1, 'FROM node:20-alpine', 'cached', 0), []],
  [step(2, 'COPY package.json package-lock.json ./', 'succeeded', 40), []],
  [step(3, 'RUN npm ci', 'succeeded', 14_200), ['added 412 packages in 14s']],
  [
    step(4, 'RUN npm run build', 'failed', 8_310),
    [
      '> checkout@2.4.1 build',
      '> tsc -p .',
      '',
      "src/cart.ts(41,7): error TS2322: Type 'string' is not assignable to type 'number'.",
      'npm error code 2',
    ],
  ],
];
const goodSteps: readonly [Step, readonly string[]][] = [
  [step(1, 'FROM node:20-alpine', 'cached', 0), []],
  [step(2, 'COPY package.json package-lock.json ./', 'cached', 0), []],
  [step(3, 'RUN npm ci', 'cached', 0), []],
  [step(4, 'RUN npm run build', 'succeeded', 9_120), ['> checkout@2.4.2 build', '> tsc -p .']],
  [step(5, 'COPY . .', 'succeeded', 210), []],
  [step(6, 'exporting to image', 'succeeded', 1_850), ['exporting layers', 'writing image sha256:0f3a9c']],
];
const runningSteps: readonly [Step, readonly string[]][] = [
  [step(1, 'FROM node:20-alpine', 'cached', 0), []],
  [step(2, 'RUN npm ci', 'started'), ['npm warn deprecated inflight@1.0.6', 'added 201 packages so far']],
];

function runtime(at: (minutesAgo: number, ms?: number) => string): NewEntry[] {
  const from = (pod: string, restart = 0) => ({ podName: `checkout.${pod}`, container: 'checkout', restart });
  const line = (minutesAgo: number, pod: string, level: NewEntry['level'], message: string): NewEntry => ({
    timestamp: at(minutesAgo),
    message,
    stream: level === 'ERROR' ? 'stderr' : 'stdout',
    ...(level && { level }),
    ...from(pod),
  });
  return [
    systemEntry(at(30), { type: 'release', deploymentId: RELEASED }),
    ...['1', '2', '3'].map((pod) => systemEntry(at(29.9), { type: 'container-started' }, from(pod))),
    ...Array.from({ length: 300 }, (_, n) =>
      line(
        29 - n / 12,
        ['1', '2', '3'][n % 3] as string,
        n % 17 === 0 ? 'WARN' : n % 41 === 0 ? 'ERROR' : 'INFO',
        n % 17 === 0
          ? `slow query: ${200 + n} ms on orders`
          : n % 41 === 0
            ? `payment ${n} failed: card declined`
            : `POST /cart/${1000 + n} 201 in ${8 + (n % 30)} ms`,
      ),
    ),
    systemEntry(at(3), { type: 'container-exited', exitCode: 137, reason: 'OOMKilled', restart: 0 }, from('2')),
    systemEntry(at(2.9), { type: 'container-started', restart: 1 }, from('2', 1)),
    line(2.8, '2', 'INFO', 'listening on :3000'),
  ];
}

function lines(count: number, text: string, at: (minutesAgo: number) => string): NewEntry[] {
  return Array.from({ length: count }, (_, n) => ({
    timestamp: at(8 - n / 20),
    message: `${text} ${n + 1}`,
    level: 'INFO' as const,
  }));
}
