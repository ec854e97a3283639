import { z } from 'zod';

import { LIMITS } from './limits.ts';
import type { Outcome } from './log-entry.ts';
import { isId } from './stream-id.ts';

/** From being queued to how it ended; a deployment's id is that of its stream `build:<deploymentId>`. */
export type DeploymentStatus = 'queued' | 'running' | Outcome['status'];

/** One build of one service. Times are RFC 3339; absent means not yet, or never. */
export interface Deployment {
  readonly deploymentId: string;
  readonly serviceId: string;
  readonly status: DeploymentStatus;
  readonly createdAt: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
  /** Of the step that failed, else of the build itself; 0 where it succeeded. */
  readonly exitCode?: number;
  /** What was built, by digest: `registry/name@sha256:…` where it was pushed, else `sha256:…`. */
  readonly image?: string;
}

const id = z.string().refine(isId, 'must be 1 to 128 letters, digits, dots, dashes or underscores');
const name = z.string().regex(/^[A-Za-z_][A-Za-z0-9_.-]{0,127}$/, 'must be a name like NPM_TOKEN');

const tenant = z.string().min(1).max(256);

/** Where the context of a build comes from: a folder of the worker's machine, a repository, or what was uploaded before. */
export const BuildSource = z.union(
  [
    z.strictObject({ path: z.string().min(1).max(4_096) }),
    z.strictObject({ git: z.string().min(1).max(2_048), ref: z.string().min(1).max(255).optional() }),
    z.strictObject({ upload: id }),
  ],
  { error: 'must be { path }, { git, ref } or { upload }' },
);
export type BuildSource = z.infer<typeof BuildSource>;

/** Body of `POST /api/deployments`. */
export const CreateDeployment = z.strictObject({
  serviceId: id,
  source: BuildSource,
  dockerfile: z
    .string()
    .min(1)
    .max(1_024)
    .optional()
    .describe('Path of the Dockerfile within the source; default `Dockerfile`.'),
  target: z.string().min(1).max(128).optional().describe('Stage to build; default the last.'),
  buildArgs: z.record(name, z.string().max(LIMITS.buildValueBytes)).optional(),
  secrets: z
    .record(name, z.string().min(1).max(LIMITS.buildValueBytes))
    .optional()
    .describe(
      'Mounted into steps that ask for them (`RUN --mount=type=secret,id=NAME`), and masked wherever they show.',
    ),
  labels: z.record(z.string().min(1).max(256), z.string().max(LIMITS.buildValueBytes)).optional(),
  noCache: z.boolean().optional().describe('Build every step anew.'),
  tenant: tenant
    .optional()
    .describe(
      'Whose it is, where the service is nobody’s yet and the token has several tenants; default the only one.',
    ),
});
export type CreateDeployment = z.infer<typeof CreateDeployment>;

/** Query of `GET /api/deployments`: newest first; `cursor` is what `next` said. */
export const ListDeployments = z.object({
  serviceId: id.optional(),
  limit: z
    .string()
    .regex(/^\d{1,4}$/, `must be a whole number from 1 to ${LIMITS.deploymentsPage}`)
    .transform(Number)
    .pipe(z.int().min(1).max(LIMITS.deploymentsPage))
    .default(LIMITS.deploymentsPageDefault),
  cursor: z.string().max(256).optional(),
});
export type ListDeployments = z.infer<typeof ListDeployments>;

/** Answer to {@link ListDeployments}. */
export interface DeploymentPage {
  deployments: Deployment[];
  next?: string;
}

/**
 * Query of `POST /api/deployments/uploads`: what the archive is for. It can be built for the tenant of that service only;
 * without a service, for the only tenant of the token.
 */
export const UploadQuery = z.object({ serviceId: id.optional(), tenant: tenant.optional() });
export type UploadQuery = z.infer<typeof UploadQuery>;

/** Answer to an upload: name it as `source: { upload }`. */
export interface Uploaded {
  upload: string;
  bytes: number;
}
