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
  /** 1, and one more each time that it is taken again, because a worker died over it or gave it back when it closed. */
  readonly number: number;
  /**
   * Aborts when somebody cancelled the job (its reason is CANCELLED), and for another reason when the worker closes or the
   * queue has given the job to another worker: then the build is not over, and its stream stays open.
   */
  readonly signal: AbortSignal;
}

/** Reason of an attempt's signal when it was cancelled by a person. */
export const CANCELLED = Symbol('cancelled');

/**
 * Does one job, which is over once it resolves, unless its signal aborted for another reason than CANCELLED: then it is
 * taken again. What comes of a build is no error; a rejection is a defect: the job is dropped, and the queue goes on.
 */
export type BuildHandler = (job: BuildJob, attempt: BuildAttempt) => Promise<void>;

/** What a worker of a queue needs. */
export interface BuildWorkOptions {
  /** Jobs at once. */
  readonly concurrency: number;
  /** Whether a job whose worker died is tried once more; where not, and after that, `abandoned` is told. */
  readonly retry: boolean;
  /** A job whose worker died is not tried again: end its stream as `lost`. Called again until it resolves. */
  readonly abandoned: (job: BuildJob) => Promise<void>;
}

/** Builds that wait for a worker: each is taken by one worker at a time, in the order in which they were added. */
export interface BuildQueue extends AsyncDisposable {
  /**
   * Resolves once the job would survive every process of the installation; one that is there is not added again.
   * @throws {LogsError} UNAVAILABLE
   */
  add(job: BuildJob): Promise<void>;
  /**
   * Cancels a job: one that waits is taken out, and `removed`; one that runs is told so, wherever it runs, and `running`;
   * of one that nobody knows, `unknown`. @throws {LogsError} UNAVAILABLE
   */
  cancel(deploymentId: string): Promise<'removed' | 'running' | 'unknown'>;
  /**
   * Begins to take jobs; one worker at a time for each queue opened. Disposing of what it returns stops taking, aborts what runs,
   * waits for it, and gives it back, so that another worker takes it first.
   */
  work(handler: BuildHandler, options: BuildWorkOptions): Promise<AsyncDisposable>;
  /** Whether the job waits or runs. @throws {LogsError} UNAVAILABLE */
  has(deploymentId: string): Promise<boolean>;
  /** How many wait and run now. @throws {LogsError} UNAVAILABLE */
  depth(): Promise<{ readonly waiting: number; readonly running: number }>;
}
