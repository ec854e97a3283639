export { createApi } from './create-api.ts';
export type { Brought, RunningApi } from './create-api.ts';
export { ConfigError, loadConfig } from './modules/config/config.ts';
export type { Config, Loaded } from './modules/config/config.ts';
export { describeSettings } from './modules/config/settings.ts';
