import { randomBytes } from 'node:crypto';

import type { CreateDeployment, Deployment, LogEvent, Outcome, StreamId, Uploaded } from '@kubidu/contracts';
import { LogsError, MemoryDeployments, encodeEntry, eventMessage, hasEnded, newDeploymentId } from '@kubidu/core';
import type { BuildDesk, DeploymentRecord, LogStore } from '@kubidu/core';

/** What an archive that was uploaded holds, and who may build it. */
export interface ScriptedUpload {
  readonly bytes: Buffer;
  readonly tenant: string | undefined;
}

/** A desk whose builds a test writes and ends. */
export class ScriptedDesk implements BuildDesk {
  readonly deployments = new MemoryDeployments();
  readonly requests: { request: CreateDeployment; tenant: string | undefined }[] = [];
  readonly uploads = new Map<string, ScriptedUpload>();
  maxUploadBytes = 1024 * 1024;
  #made = 0;

  async request(request: CreateDeployment, tenant?: string): Promise<Deployment> {
    this.requests.push({ request, tenant });
    const now = Date.now() + this.#made++;
    const record: DeploymentRecord = {
      deploymentId: newDeploymentId(now, randomBytes(10)),
      serviceId: request.serviceId,
      status: 'queued',
      createdAt: new Date(now).toISOString(),
      ...(tenant !== undefined && { tenant }),
    };
    await this.deployments.create(record);
    return record;
  }

  async cancel(deploymentId: string): Promise<Deployment> {
    const record = await this.deployments.get(deploymentId);
    if (!record) throw new LogsError('NOT_FOUND', `there is no deployment ${deploymentId}`);
    if (hasEnded(record)) throw new LogsError('CONFLICT', `deployment ${deploymentId} has ended: ${record.status}`);
    return (await this.deployments.change(deploymentId, { cancelRequested: true })) ?? record;
  }

  async upload(archive: AsyncIterable<Uint8Array>, tenant?: string): Promise<Uploaded> {
    const pieces: Uint8Array[] = [];
    let bytes = 0;
    for await (const piece of archive) {
      bytes += piece.length;
      if (bytes > this.maxUploadBytes)
        throw new LogsError('PAYLOAD_TOO_LARGE', `the archive is larger than ${this.maxUploadBytes} bytes`);
      pieces.push(piece);
    }
    const upload = `u-${this.uploads.size + 1}`;
    this.uploads.set(upload, { bytes: Buffer.concat(pieces), tenant });
    return { upload, bytes };
  }

  async health(): Promise<{ ok: boolean }> {
    return { ok: true };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.deployments[Symbol.asyncDispose]();
  }
}

/** Writes one build's stream, as a worker does. */
export class ScriptedBuild {
  readonly stream: StreamId;
  readonly #store: LogStore;

  constructor(store: LogStore, deploymentId: string) {
    this.#store = store;
    this.stream = `build:${deploymentId}`;
  }

  async lines(step: number, ...messages: readonly string[]): Promise<void> {
    const timestamp = new Date().toISOString();
    const lines = messages.map((message) => encodeEntry({ timestamp, message, stream: 'stdout', step }));
    await this.#store.append(this.stream, lines);
  }

  async event(event: LogEvent): Promise<void> {
    const timestamp = new Date().toISOString();
    const line = encodeEntry({ timestamp, message: eventMessage(event), stream: 'system', event });
    await this.#store.append(this.stream, [line]);
  }

  async end(outcome: Outcome): Promise<void> {
    await this.event({ type: 'build-finished', ...outcome });
    await this.#store.end(this.stream, outcome);
  }
}
