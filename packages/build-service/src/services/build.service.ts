import type { StreamId } from '@kubidu/contracts';
import { CANCELLED, hasCode, LogsError, systemClock } from '@kubidu/core';
import type {
  AppendReport,
  BuildAttempt,
  BuildJob,
  BuildResult,
  Clock,
  DeploymentChange,
  DeploymentRecord,
  Deployments,
  ImageBuilder,
  Leases,
  LogStore,
  WriteBudget,
} from '@kubidu/core';

import type { BuildSources } from '../sources/build-sources.ts';
import { secretsOfSource } from '../sources/git-source.ts';
import type { SpoolingWriterOptions } from '../spool/spooling-writer.ts';
import { BuildLease } from './build-lease.ts';
import { BUILD_SOURCE, BuildLog } from './build-log.ts';
import type { WriterFor } from './build-log.ts';
import { BuildOutcome } from './build-outcome.ts';
import { BuildWork } from './build-work.ts';
import type { ImageTarget } from './build-work.ts';
import { Patience } from './patience.ts';
import { untilAvailable } from './until-available.ts';

/** What builds need. */
export interface BuildServiceOptions {
  readonly store: LogStore;
  readonly leases: Leases;
  readonly deployments: Deployments;
  readonly builder: ImageBuilder;
  readonly sources: BuildSources;
  /** Opens the secrets of a job. @throws {LogsError} INVALID_ARGUMENT where they cannot be opened */
  readonly openSecrets: (job: BuildJob) => Readonly<Record<string, string>>;
  /** Puts masking in front of a build's writer; what that writes is stored, published and spooled. */
  readonly writerFor: WriterFor;
  /** What the image of a job is called. */
  readonly imageOf: (job: BuildJob) => ImageTarget;
  /** Where output waits while the store is away, and how much of it. */
  readonly spool: Omit<SpoolingWriterOptions, 'clock'>;
  /** How long a build may take, in milliseconds, its sources included. Default one hour. */
  readonly timeoutMs?: number;
  /** How long the end of a build waits for a store that is away, in milliseconds. Default one hour. */
  readonly storeMs?: number;
  /** Shared by all builds of the process. */
  readonly budget?: WriteBudget;
  /** Called after each append to a build's stream. Must not throw. */
  readonly onAppend?: (report: AppendReport) => void;
  readonly clock?: Clock;
}

const HOUR_MS = 3_600_000;
const BEGINS_ANEW = 'the worker that built this stopped: the build begins anew';
const WORKER_DIED = 'the worker that built this died';

/** Never aborts. */
const NEVER = new AbortController().signal;

/**
 * Runs builds, each from its sources to the end of its stream. What came of one stands in its stream and in its record;
 * nothing of it is left on this machine but the image.
 */
export class BuildService {
  readonly #options: BuildServiceOptions;
  readonly #clock: Clock;
  readonly #work: BuildWork;

  constructor(options: BuildServiceOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#work = new BuildWork({ ...options, clock: this.#clock });
  }

  /**
   * Does a job, and resolves once its stream has ended and its record says so. Where the attempt's signal aborts for
   * another reason than CANCELLED, it resolves too, and both stay open for the next attempt.
   * @throws {LogsError} CONFLICT where another worker writes the stream, UNAVAILABLE where the store stayed away too long
   */
  async run(job: BuildJob, { number, signal }: BuildAttempt): Promise<void> {
    const givenBack = givenBackOf(signal);
    const stream = streamOf(job);
    try {
      await using lease = await BuildLease.acquire(this.#options.leases, stream, this.#clock, givenBack);
      if (await this.#hasEnded(job, givenBack)) return;
      const stop = AbortSignal.any([signal, lease.taken]);
      await this.#attempt(job, number, lease, stop, givenBack);
      lease.taken.throwIfAborted();
    } catch (error) {
      // Somebody may have ended the stream from outside: then nothing more can be said in it.
      if (hasCode(error, 'CONFLICT') && (await this.#hasEnded(job, givenBack))) return;
      if (!givenBack.aborted) throw error;
    }
  }

  /** Ends the stream of a job whose worker died as `lost`. @throws {LogsError} UNAVAILABLE: then call it again */
  async abandoned(job: BuildJob): Promise<void> {
    await using lease = await BuildLease.acquire(this.#options.leases, streamOf(job), this.#clock, NEVER);
    if (await this.#hasEnded(job, NEVER)) return;
    const log = await this.#open(job, lease, {}, NEVER);
    try {
      log.event({ type: 'lost', reason: WORKER_DIED });
      await this.#finish(job, log, new BuildOutcome({ status: 'lost' }), NEVER);
    } finally {
      await log.close();
    }
  }

  async #attempt(
    job: BuildJob,
    number: number,
    lease: BuildLease,
    signal: AbortSignal,
    givenBack: AbortSignal,
  ): Promise<void> {
    const record = await this.#change(job, { status: 'running', startedAt: this.#now() }, givenBack);
    const image = this.#options.imageOf(job);
    const { secrets, problem } = this.#secretsOf(job);
    const log = await this.#open(job, lease, secrets, givenBack);
    try {
      if (number > 1) log.event({ type: 'lost', reason: BEGINS_ANEW });
      let result: BuildResult = { status: 'cancelled' };
      if (problem !== undefined) result = { status: 'failed', problem };
      else if (!record?.cancelRequested) result = await this.#work.do(job, image, secrets, log, signal);
      // Whoever takes the job next goes on behind what this attempt has written.
      if (givenBack.aborted) return await this.#farewell(log, givenBack);
      if (signal.aborted && signal.reason !== CANCELLED) return;
      if (result.problem) log.say(result.problem);
      await this.#finish(job, log, BuildOutcome.of(result, image), givenBack);
    } finally {
      await log.close();
    }
  }

  /** The last entry, the end of the stream, the record: in this order, each once the one before it is stored. */
  async #finish(job: BuildJob, log: BuildLog, outcome: BuildOutcome, closing: AbortSignal): Promise<void> {
    using patience = new Patience(this.#clock, this.#options.storeMs ?? HOUR_MS, closing);
    log.event(outcome.event);
    await patience.wait(log.flush());
    const { store } = this.#options;
    await untilAvailable(() => store.end(streamOf(job), outcome.outcome), this.#clock, patience.signal);
    await this.#change(job, outcome.changeAt(this.#now()), patience.signal);
  }

  async #farewell(log: BuildLog, closing: AbortSignal): Promise<void> {
    using patience = new Patience(this.#clock, this.#options.storeMs ?? HOUR_MS, closing);
    await patience.wait(log.flush());
  }

  /** Whether the stream has ended, as where a worker died between its end and the record: then makes the record say so. */
  async #hasEnded(job: BuildJob, signal: AbortSignal): Promise<boolean> {
    const { store } = this.#options;
    const { ended } = await untilAvailable(() => store.head(streamOf(job)), this.#clock, signal);
    if (ended) await this.#change(job, new BuildOutcome(ended).changeAt(this.#now()), signal);
    return ended !== undefined;
  }

  async #open(
    job: BuildJob,
    lease: BuildLease,
    secrets: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<BuildLog> {
    const { store, writerFor, spool, budget, onAppend } = this.#options;
    const stream = streamOf(job);
    const cursor = (await untilAvailable(() => store.cursors(stream), this.#clock, signal)).get(BUILD_SOURCE);
    return new BuildLog({
      ...{ store: lease.guard(store), stream, writerFor, spool, clock: this.#clock },
      secrets: [...Object.values(secrets), ...secretsOfSource(job.request.source)],
      ...(budget && { budget }),
      ...(onAppend && { onAppend }),
      ...(cursor !== undefined && { lastStep: Number(cursor) }),
    });
  }

  #change(job: BuildJob, change: DeploymentChange, signal: AbortSignal): Promise<DeploymentRecord | undefined> {
    const { deployments } = this.#options;
    return untilAvailable(() => deployments.change(job.deploymentId, change), this.#clock, signal);
  }

  #secretsOf(job: BuildJob): { readonly secrets: Readonly<Record<string, string>>; readonly problem?: string } {
    try {
      return { secrets: job.sealedSecrets === undefined ? {} : this.#options.openSecrets(job) };
    } catch (error) {
      return {
        secrets: {},
        problem: error instanceof LogsError ? error.message : 'the build secrets cannot be opened',
      };
    }
  }

  #now(): string {
    return new Date(this.#clock.now()).toISOString();
  }
}

function streamOf({ deploymentId }: BuildJob): StreamId {
  return `build:${deploymentId}`;
}

/** Aborts when the attempt ends without being cancelled: the worker closes, or another has the job. */
function givenBackOf(signal: AbortSignal): AbortSignal {
  const given = new AbortController();
  const look = () => {
    if (signal.reason !== CANCELLED) given.abort(signal.reason);
  };
  if (signal.aborted) look();
  else signal.addEventListener('abort', look, { once: true });
  return given.signal;
}
