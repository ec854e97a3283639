import type { Deployment } from '@kubidu/contracts';

/** A deployment as it is kept: what outsiders see, and what access and cancelling need. */
export interface DeploymentRecord extends Deployment {
  /** Whose it is; absent where it is nobody's in particular. */
  readonly tenant?: string;
  /** Somebody asked for it to be cancelled; it still runs until `status` says otherwise. */
  readonly cancelRequested?: boolean;
}

/** What may change of a record; one that ends gets its `status` and its `endedAt` together. */
export type DeploymentChange = Partial<Omit<DeploymentRecord, 'deploymentId' | 'serviceId' | 'createdAt' | 'tenant'>>;

/** Whether nothing of a deployment changes any more. */
export function hasEnded({ status }: Pick<Deployment, 'status'>): boolean {
  return status !== 'queued' && status !== 'running';
}

/** Which records to list, newest first. */
export interface DeploymentRange {
  readonly serviceId?: string;
  /** List what was created before this one. */
  readonly before?: string;
  readonly limit: number;
}

/**
 * The builds of the installation, the same for every process of it. Ids are made by whoever creates them so that later
 * ones sort behind earlier ones (see newDeploymentId): newest first is the order of ids, backwards.
 *
 * Every method throws {@link LogsError} UNAVAILABLE when the store is away.
 */
export interface Deployments extends AsyncDisposable {
  /** @throws {LogsError} CONFLICT where the id is taken */
  create(record: DeploymentRecord): Promise<void>;
  get(deploymentId: string): Promise<DeploymentRecord | undefined>;
  /**
   * Changes a record that has not ended, in one step; one that has ended stays as it is. Resolves with what stands now,
   * undefined where there is none.
   */
  change(deploymentId: string, change: DeploymentChange): Promise<DeploymentRecord | undefined>;
  list(range: DeploymentRange): Promise<readonly DeploymentRecord[]>;
  /** Forgets those whose `endedAt` is before a time (milliseconds since 1970). Resolves with how many. */
  forget(endedBefore: number): Promise<number>;
}
