import type { CreateDeployment, Deployment, Uploaded } from '@kubidu/contracts';

/** Where builds are asked for: keeps their records and hands them to the queue. The API's side of the build service. */
export interface BuildDesk extends AsyncDisposable {
  /**
   * Queues a build; its stream `build:<deploymentId>` exists from then on. @param tenant whose it is, where that is known
   * @throws {LogsError} INVALID_ARGUMENT for a source that is not allowed or not there, UNAVAILABLE
   */
  request(request: CreateDeployment, tenant?: string): Promise<Deployment>;
  /** Cancels a build; one that has ended is CONFLICT. @throws {LogsError} NOT_FOUND, CONFLICT, UNAVAILABLE */
  cancel(deploymentId: string): Promise<Deployment>;
  /**
   * Keeps a tar archive (gzip or not) for one build, for a day at most. @param tenant the only one that may build it
   * @throws {LogsError} PAYLOAD_TOO_LARGE beyond `maxUploadBytes`, INVALID_ARGUMENT for what is no tar, UNAVAILABLE
   */
  upload(archive: AsyncIterable<Uint8Array>, tenant?: string): Promise<Uploaded>;
  readonly maxUploadBytes: number;
  /** Whether builds can run now, for those who start a server; `detail` says in words what is missing. Never rejects. */
  health(): Promise<{ readonly ok: boolean; readonly detail?: string }>;
}
