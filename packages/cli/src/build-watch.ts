import type { LogEntry, Outcome } from '@kubidu/contracts';

import { durationText } from '@kubidu/text';

/** Lines of a failed step that are repeated at the end. */
const REPEATED = 20;
/** Most characters kept of each. */
const LINE = 2_000;
/** Steps whose lines are kept at once; of more, those that wrote longest ago are let go. */
const STEPS = 256;

interface Step {
  name: string;
  /** Epoch milliseconds; absent where its start was not seen. */
  startedAt?: number;
  running: boolean;
  readonly lines: string[];
}

/** A step that failed, and what it wrote last. */
interface Failure {
  readonly step: number;
  readonly name: string;
  readonly durationMs: number | undefined;
  readonly lines: readonly string[];
}

/** Follows a build by the entries of its log: what runs now, what failed, and how it ended. */
export class BuildWatch {
  /** The one that was heard from last at the end. */
  readonly #steps = new Map<number, Step>();
  readonly #failures: Failure[] = [];
  readonly #openedAt: number;
  /** Whether its log is read from the beginning. */
  #whole = false;
  #beganAt: number | undefined;
  #result: (Outcome & { readonly image?: string | undefined; readonly durationMs?: number | undefined }) | undefined;

  /** @param now epoch milliseconds */
  constructor(now: number) {
    this.#openedAt = now;
  }

  /** Takes what was read, in order. */
  entries(entries: readonly LogEntry[]): void {
    for (const entry of entries) {
      if (entry.index === 1) this.#whole = true;
      // Before that, the system says that it is queued.
      if (this.#whole && (entry.event || entry.stream !== 'system')) this.#beganAt ??= Date.parse(entry.timestamp);
      if (entry.event?.type === 'build-step') this.#onStep(entry.event, entry.timestamp);
      else if (entry.event?.type === 'build-finished') this.#onFinished(entry.event, entry.timestamp);
      else if (entry.step !== undefined && entry.stream !== 'system') this.#onLine(entry.step, entry.message);
    }
  }

  /** What the end of the stream says, for a build that could not say it itself. */
  end({ status, exitCode }: Outcome): void {
    this.#result ??= { status, ...(exitCode !== undefined && { exitCode }) };
  }

  /** What is under way, in one line. @param now epoch milliseconds */
  progress(now: number): string {
    const running = [...this.#steps].filter(([, { running }]) => running);
    const heardLast = running.at(-1);
    if (heardLast === undefined) {
      const since = durationText(now - (this.#beganAt ?? this.#openedAt));
      return this.#beganAt === undefined ? `waiting for the build to begin … ${since}` : `building … ${since}`;
    }
    const [step, { name, startedAt = now }] = heardLast;
    const others = running.length > 1 ? ` (and ${running.length - 1} more)` : '';
    return `#${step} ${name} … ${durationText(now - startedAt)}${others}`;
  }

  /** The failed steps with their last lines, for the end; empty where none failed. */
  recap(): string {
    return this.#failures
      .map(({ step, name, durationMs, lines }) => {
        const after = durationMs === undefined ? '' : ` after ${durationText(durationMs)}`;
        const last =
          lines.length === 0 ? ' without a word' : lines.length < REPEATED ? ':' : `; its last ${REPEATED} lines:`;
        return [`#${step} ${name} failed${after}${last}`, ...lines.map((line) => `  ${line}`)].join('\n');
      })
      .join('\n');
  }

  /** How it ended, in one line; undefined while it goes on. */
  result(): string | undefined {
    if (this.#result === undefined) return undefined;
    const { status, exitCode, image, durationMs } = this.#result;
    const took =
      durationMs === undefined ? '' : ` ${status === 'succeeded' ? 'in' : 'after'} ${durationText(durationMs)}`;
    const code = exitCode === undefined || exitCode === 0 ? '' : ` with exit code ${exitCode}`;
    return `build ${status}${took}${code}${image === undefined ? '' : `: ${image}`}`;
  }

  #onStep(event: Extract<LogEntry['event'], { type: 'build-step' }>, timestamp: string): void {
    const { step, name, status, durationMs } = event;
    if (status === 'started') {
      Object.assign(this.#step(step), { name, running: true, startedAt: Date.parse(timestamp) });
      return;
    }
    if (status === 'failed') this.#failures.push({ step, name, durationMs, lines: this.#steps.get(step)?.lines ?? [] });
    this.#steps.delete(step);
  }

  #onFinished(
    { status, exitCode, image }: Extract<LogEntry['event'], { type: 'build-finished' }>,
    timestamp: string,
  ): void {
    const durationMs = this.#beganAt === undefined ? undefined : Date.parse(timestamp) - this.#beganAt;
    this.#result = { status, image, durationMs, ...(exitCode !== undefined && { exitCode }) };
    this.#steps.clear();
  }

  #onLine(step: number, message: string): void {
    const { lines } = this.#step(step);
    lines.push(message.length > LINE ? `${message.slice(0, LINE)} …` : message);
    if (lines.length > REPEATED) lines.shift();
  }

  #step(number: number): Step {
    const step = this.#steps.get(number) ?? { name: '', running: false, lines: [] };
    this.#steps.delete(number);
    this.#steps.set(number, step);
    for (const longestSilent of this.#steps.keys()) {
      if (this.#steps.size <= STEPS) break;
      this.#steps.delete(longestSilent);
    }
    return step;
  }
}
