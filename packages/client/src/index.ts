export type { Backoff } from './backoff.ts';
export { ClientError } from './client-error.ts';
export type { ClientErrorCode, ClientErrorOptions } from './client-error.ts';
export type { EventStreamItem, EventStreamOptions } from './event-stream.ts';
export { HttpApi } from './http-api.ts';
export type {
  DeploymentsOptions,
  DownloadOptions,
  HistogramOptions,
  HttpOptions,
  ListOptions,
  PageOptions,
  PageRange,
  UploadOptions,
} from './http-api.ts';
export { connect, LogsClient } from './logs-client.ts';
export type { ConnectOptions } from './logs-client.ts';
export type { MissingReason, SubscriptionItem } from './subscription-item.ts';
export { Subscription } from './subscription.ts';
export type { SubscribeOptions, SubscriptionCounts } from './subscription.ts';
export type { Token } from './token.ts';
