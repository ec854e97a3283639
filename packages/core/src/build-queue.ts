import type { CreateDeployment } from '@kubidu/contracts';

/** A build that was asked for. Durable wherever the queue is: so its secrets are sealed, never in the clear. */
export interface BuildJob {
  readonly deploymentId: string;
  readonly request: Omit<CreateDeployment, 'secrets'>;
  /** The secrets by name, encrypted for the workers of this installation; absent where there are none. */
  readonly sealedSecrets?: string;
}

/** One try of a worker at a job. */
export interface BuildAttempt {
  /** 1, or 2 where a worker died over the first. */
  readonly number: number;
  /** Aborts when somebody cancelled the job (its reason is CANCELLED), the worker closes, or the queue has given the job to another. */
  readonly signal: AbortSignal;
}

/** Reason of an attempt's signal when it was cancelled by a person. */
export const CANCELLED = Symbol('cancelled');

/** Does one job. What comes of a build is no error; a rejection is a defect, and the queue goes on. */
export type BuildHandler = (job: BuildJob, attempt: BuildAttempt) => Promise<void>;

/** What a worker of a queue needs. */
export interface BuildWorkOptions {
  /** Jobs at once. */
  readonly concurrency: number;
  /** Whether a job whose worker died is tried once more; where not, and after that, `abandoned` is told. */
  readonly retry: boolean;
  /** A job whose worker died is not tried again: end its stream as `lost`. */
  readonly abandoned: (job: BuildJob) => Promise<void>;
}

/** Builds that wait for a worker: each is taken by one worker at a time, in the order in which they were added. */
export interface BuildQueue extends AsyncDisposable {
  /** Resolves once the job would survive every process of the installation. @throws {LogsError} UNAVAILABLE */
  add(job: BuildJob): Promise<void>;
  /**
   * Cancels a job: one that waits is taken out, and `removed`; one that runs is told so, wherever it runs, and `running`;
   * of one that nobody knows, `unknown`. @throws {LogsError} UNAVAILABLE
   */
  cancel(deploymentId: string): Promise<'removed' | 'running' | 'unknown'>;
  /** Begins to take jobs; disposing of what it returns stops taking, aborts what runs, and waits for it. */
  work(handler: BuildHandler, options: BuildWorkOptions): Promise<AsyncDisposable>;
  /** How many wait and run now. @throws {LogsError} UNAVAILABLE */
  depth(): Promise<{ readonly waiting: number; readonly running: number }>;
}
