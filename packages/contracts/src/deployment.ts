import { z } from 'zod';

import { Id } from './identifier.ts';
import { LIMITS } from './limits.ts';
import { Outcome } from './log-entry.ts';

/** From being queued to how it ended; a deployment's id is that of its stream `build:<deploymentId>`. */
export const DeploymentStatus = z.enum(['queued', 'running', ...Outcome.shape.status.options]);
export type DeploymentStatus = z.infer<typeof DeploymentStatus>;

/** One build of one service. Times are RFC 3339; absent means not yet, or never. */
export const Deployment = z.object({
  deploymentId: z.string(),
  serviceId: z.string(),
  status: DeploymentStatus,
  createdAt: z.string(),
  startedAt: z.string().exactOptional(),
  endedAt: z.string().exactOptional(),
  exitCode: z
    .int()
    .exactOptional()
    .describe('Of the step that failed, else of the build itself; 0 where it succeeded.'),
  image: z
    .string()
    .exactOptional()
    .describe('What was built, by digest: `registry/name@sha256:…` where it was pushed, else `sha256:…`.'),
});
export type Deployment = Readonly<z.infer<typeof Deployment>>;

const name = z.string().regex(/^[A-Za-z_][A-Za-z0-9_.-]{0,127}$/, 'must be a name like NPM_TOKEN');

const tenant = z.string().min(1).max(256);

/** Where the context of a build comes from: a folder of the worker's machine, a repository, or what was uploaded before. */
export const BuildSource = z.union(
  [
    z.strictObject({ path: z.string().min(1).max(4_096) }),
    z.strictObject({ git: z.string().min(1).max(2_048), ref: z.string().min(1).max(255).optional() }),
    z.strictObject({ upload: Id }),
  ],
  { error: 'must be { path }, { git, ref } or { upload }' },
);
export type BuildSource = z.infer<typeof BuildSource>;

/** Body of `POST /api/deployments`. */
export const CreateDeployment = z.strictObject({
  serviceId: Id,
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
  serviceId: Id.optional(),
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
export const DeploymentPage = z.object({
  deployments: z.array(Deployment),
  next: z.string().exactOptional().describe('The `cursor` of the next page; absent on the last.'),
});
export type DeploymentPage = z.infer<typeof DeploymentPage>;

/**
 * Query of `POST /api/deployments/uploads`: what the archive is for. It can be built for the tenant of that service only;
 * without a service, for the only tenant of the token.
 */
export const UploadQuery = z.object({ serviceId: Id.optional(), tenant: tenant.optional() });
export type UploadQuery = z.infer<typeof UploadQuery>;

/** Answer to an upload: name it as `source: { upload }`. */
export const Uploaded = z.object({ upload: z.string(), bytes: z.int().min(0) });
export type Uploaded = z.infer<typeof Uploaded>;
