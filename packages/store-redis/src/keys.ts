import type { StreamId, StreamKind } from '@kubidu/contracts';

/** The keys of one stream. They share its hash tag, so a script may use them together in a cluster. */
export const keysOf = (stream: string) => ({
  entries: `logs:{${stream}}:entries`,
  meta: `logs:{${stream}}:meta`,
  cursors: `logs:{${stream}}:cursors`,
  ids: `logs:{${stream}}:ids`,
  batches: `logs:{${stream}}:batches`,
  lease: `logs:{${stream}}:lease`,
  owner: `logs:{${stream}}:owner`,
});

/** Where the batches of a stream are published. */
export const channelOf = (stream: StreamId) => `logs:{${stream}}`;

/** The stream whose batches are published there. */
export const streamOfChannel = (channel: string) => channel.slice('logs:{'.length, -1) as StreamId;

/** A sorted set of the ids of every stream of this kind, for listing them in order. */
export const indexOf = (kind: StreamKind) => `logs:streams:${kind}`;

/** The key of one deployment's record. All keys of deployments share a hash tag: a script changes a record with its lists. */
export const deploymentOf = (deploymentId: string) => `logs:{deployments}:${deploymentId}`;

/** Sorted sets of deployments: by id all of them and those of a service, by their end those that have ended. */
export const DEPLOYMENTS = {
  all: 'logs:{deployments}/all',
  ended: 'logs:{deployments}/ended',
  of: (serviceId: string) => `logs:{deployments}/of:${serviceId}`,
} as const;
