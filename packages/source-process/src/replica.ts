import type { SourceLine } from '@kubidu/core';
import { LineFramer, systemClock } from '@kubidu/core';

import type { FollowSession, Origin } from './follow-session.ts';
import { NanosecondClock } from './nanosecond-clock.ts';
import { exitedAfter } from './outlet.ts';
import type { Outlet } from './outlet.ts';
import type { OutputPipe } from './output-pipe.ts';
import { ProcessInstance } from './process-instance.ts';
import type { Reaper } from './reaper.ts';
import type { RunRecord } from './run-record.ts';

/** In the words of a container's state. */
export type ReplicaState = 'waiting' | 'running' | 'terminated';

/** One pod: what it runs and where its output goes. */
export interface ReplicaOptions {
  readonly serviceId: string;
  /** Like `web.1`. */
  readonly podName: string;
  readonly command: string;
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly outlet: Outlet;
  readonly reaper: Reaper;
  readonly record: RunRecord;
  /** Called whenever `state` or `restart` changed. */
  readonly onChange: () => void;
  /** From SIGTERM to SIGKILL. */
  readonly graceMs: number;
  /** Pause before the first restart; each one after it twice as long, up to 30 s; default 1,000. */
  readonly restartMs?: number;
}

/** Most lines handed over at once, as the port has it. */
const LINES_MOST = 500;
const RESTART_MS = 1_000;
const RESTART_MOST_MS = 30_000;
/** Whoever lived so long restarts like the first time. */
const HEALTHY_MS = 60_000;

/** Keeps a pod's process running, and hands over each life's lines from the first to the last, then how it ended. */
export class Replica {
  state: ReplicaState = 'waiting';
  restart = 0;
  /** Why the process could not even be started, while that is so. */
  problem: Error | undefined;
  /** Name of the life that is being heard. */
  source: string | undefined;
  readonly #options: ReplicaOptions;
  readonly #clock = new NanosecondClock();
  readonly #stop = new AbortController();
  /** Lives that are over and whose last lines are being stored. */
  readonly #finishing = new Set<Promise<void>>();
  /** Lives that are over and stored, but not forgotten. */
  #over: readonly string[] = [];
  /** The life that has begun last. */
  #begun: string | undefined;
  #instance: ProcessInstance | undefined;
  #loop: Promise<void> | undefined;

  constructor(options: ReplicaOptions) {
    this.#options = options;
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  /** Ends the process and hands over its last words; resolves when all that is stored or known to be not. */
  async close(): Promise<void> {
    this.#stop.abort(new Error('the replica is closed'));
    await this.#instance?.stop(this.#options.graceMs);
    await this.#loop;
    await Promise.all(this.#finishing);
  }

  /** Gives up what could not be handed over. */
  abandon(): void {
    this.#instance?.stdout.destroy();
    this.#instance?.stderr.destroy();
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    const { restartMs = RESTART_MS } = this.#options;
    let pauseMs = restartMs;
    for (;;) {
      const started = performance.now();
      try {
        await this.#live();
      } catch (error) {
        // The machine's: no more processes, no more files. It is tried again like after a crash.
        this.problem = error as Error;
      }
      if (performance.now() - started >= HEALTHY_MS) pauseMs = restartMs;
      this.#change(this.#stop.signal.aborted ? 'terminated' : 'waiting');
      await systemClock.sleep(pauseMs, this.#stop.signal).catch(() => undefined);
      if (this.#stop.signal.aborted) return this.#change('terminated');
      pauseMs = Math.min(pauseMs * 2, RESTART_MOST_MS);
      this.restart++;
    }
  }

  /** One life, from its first line to its end. */
  async #live(): Promise<void> {
    const { serviceId, podName, record, command, cwd, env, reaper } = this.#options;
    const { restart } = this;
    const labels = { podName, container: serviceId, restart };
    const origin = { source: record.sourceOf(podName, restart), labels };
    const instance = await ProcessInstance.prepare({ command, cwd, env, reaper });
    this.#instance = instance;
    this.source = origin.source;
    try {
      await record.add({ ...origin, serviceId });
      if (this.#stop.signal.aborted) return await record.remove(origin);
      instance.begin();
      this.problem = undefined;
      this.#change('running');
      await this.#hear(instance, origin);
    } finally {
      await instance.stop(0);
      this.abandon();
      this.#instance = undefined;
      this.source = undefined;
    }
  }

  async #hear(instance: ProcessInstance, origin: Origin): Promise<void> {
    const { outlet } = this.#options;
    const { restart = 0 } = origin.labels;
    const startedAt = this.#now();
    const count = { lines: 0 };
    const started = { type: 'container-started', restart } as const;
    const follower = await outlet.deliver(origin, (writer) => writer.event(started, '0', startedAt));
    this.#begun = origin.source;
    if (follower) this.#forget(follower);
    const [exit] = await Promise.all([
      instance.exited,
      this.#copy(instance.stdout, 'stdout', origin, count),
      this.#copy(instance.stderr, 'stderr', origin, count),
    ]);
    const event = { type: 'container-exited', restart, ...exit } as const;
    const told = await outlet.deliver(origin, (writer) => writer.event(event, exitedAfter(count.lines), this.#now()));
    if (told) this.#finish(origin, told);
  }

  /** Everything from one output, a chunk at a time: what is not taken stays in the pipe, and the process waits. */
  async #copy(pipe: OutputPipe, stream: 'stdout' | 'stderr', origin: Origin, count: { lines: number }): Promise<void> {
    const framer = new LineFramer();
    for (let ended = false; !ended;) {
      const chunk = await pipe.next();
      const lines: SourceLine[] = [];
      const take = (message: string, truncated: number) => {
        lines.push({ timestamp: this.#clock.next(), message, ...(truncated > 0 && { truncated }) });
      };
      this.#clock.read();
      if (chunk) framer.push(chunk, take);
      else framer.end(take);
      ended = !chunk;
      for (let from = 0; from < lines.length; from += LINES_MOST) {
        const some = lines.slice(from, from + LINES_MOST);
        const given = await this.#options.outlet.deliver(origin, (writer) => {
          count.lines += some.length;
          writer.lines(some, String(count.lines), stream);
        });
        if (!given) return;
      }
    }
  }

  /** Strikes that life from the record once its last line is stored. It may take its time: the next life does not wait. */
  #finish(origin: Origin, session: FollowSession): void {
    const finishing = session
      .flush(origin)
      .then(() => {
        session.finished(origin);
        return this.#options.record.remove(origin);
      })
      .then(() => {
        this.#over = [...this.#over, origin.source];
        this.#forget(session);
      })
      // Not stored: it stays in the record, and the outlet tells it.
      .catch(() => undefined)
      .finally(() => this.#finishing.delete(finishing));
    this.#finishing.add(finishing);
  }

  /** Where a life stopped is forgotten once the next has begun: however often a pod restarts, two of it are known at most. */
  #forget(session: FollowSession): void {
    session.forget(this.#over.filter((source) => source !== this.#begun));
    this.#over = this.#over.filter((source) => source === this.#begun);
  }

  #now(): string {
    this.#clock.read();
    return this.#clock.next();
  }

  #change(state: ReplicaState): void {
    this.state = state;
    this.#options.onChange();
  }
}
