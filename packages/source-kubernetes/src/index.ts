export { ApiError, ApiServer } from './api-server.ts';
export type { Access, Credentials } from './api-server.ts';
export type { AccessMode } from './kubeconfig-access.ts';
export { KubernetesLogSource } from './kubernetes-log-source.ts';
export type { KubernetesOptions, KubernetesStats } from './kubernetes-log-source.ts';
export type { ForeignPod } from './service-directory.ts';
export { defaultTiming } from './timing.ts';
export type { Timing } from './timing.ts';
