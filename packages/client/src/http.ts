export { ClientError } from './client-error.ts';
export type { ClientErrorCode, ClientErrorOptions } from './client-error.ts';
export type { EventStreamItem, EventStreamOptions } from './event-stream.ts';
export { HttpApi } from './http-api.ts';
export type {
  DeploymentsOptions,
  DownloadOptions,
  HttpOptions,
  ListOptions,
  PageOptions,
  PageRange,
  SearchOptions,
  UploadOptions,
} from './http-api.ts';
export type { Token } from './token.ts';
