import { isAbsolute } from 'node:path';

import { z } from 'zod';

import { duration, integer, list, patterns, redisUrl, secret } from './schemas.ts';

export * from './read-settings.ts';
export * from './schemas.ts';

/** What servers and workers of their own both read: the same rows, for two tables that cannot differ. */
export const SHARED_SETTINGS = {
  KUBIDU_DATA_DIR: z
    .string()
    .default('./.kubidu')
    .describe(
      'Folder of the embedded store, of the archive on disk, of the embedded queue, and of what builds write while the store is away.',
    ),
  KUBIDU_REDIS_URL: redisUrl
    .optional()
    .describe('Redis that keeps the streams; several nodes of a cluster with commas. Absent: the embedded store.'),
  KUBIDU_JWT_SECRET: secret
    .optional()
    .describe('Secret of HS256 tokens, from 32 bytes. Setting it turns authentication on.'),
  KUBIDU_HOT_BYTES: integer(65_536, Number.MAX_SAFE_INTEGER)
    .default(256 * 1024 * 1024)
    .describe(
      'Bytes of each stream kept in the store, from 65536; what is older is read from the archive. While it cannot be archived, up to twice as much and 64 MiB are kept; then the oldest goes, and readers are told.',
    ),
  KUBIDU_MASK: patterns
    .default([])
    .describe(
      'What to mask besides known shapes: RE2 expressions, spaces or line breaks between them; a space within one is `\\x20`.',
    ),
} as const;

/** Settings of builds, in the order in which they are documented. */
export const BUILD_SETTINGS = {
  KUBIDU_QUEUE_REDIS_URL: redisUrl
    .optional()
    .describe(
      'Redis of the build queue and of uploads, which must not evict (`maxmemory-policy noeviction`). Absent: that of KUBIDU_REDIS_URL.',
    ),
  KUBIDU_BUILD_RETRY: z
    .enum(['once', 'never'], 'must be once or never')
    .default('once')
    .describe('Whether a build whose worker died is tried once more; else, and after that, it ends `lost`.'),
  KUBIDU_BUILD_CONCURRENCY: integer(1, 64).default(2).describe('Builds that one worker runs at once.'),
  KUBIDU_BUILD_TIMEOUT: duration.default(3_600_000).describe('How long a build may take; beyond it, it has failed.'),
  KUBIDU_BUILD_PATHS: z
    .string()
    .transform(list)
    .pipe(z.array(z.string().refine(isAbsolute, 'must be absolute paths')))
    .optional()
    .describe(
      'Folders of the worker’s machine below which `source: { path }` may lie, with commas. Absent: everywhere in the embedded default without authentication, else nowhere.',
    ),
  KUBIDU_BUILD_REGISTRY: z
    .string()
    .regex(/^[a-z0-9.-]+(?::\d+)?(?:\/[a-z0-9._-]+)*$/, 'must be like registry.example.com/team')
    .optional()
    .describe('Where images are pushed to, like `registry.example.com/team`. Absent: they stay with the engine.'),
  KUBIDU_BUILD_ARGUMENTS: z
    .string()
    .transform((text) => text.split(/\s+/).filter((word) => word !== ''))
    .default([])
    .describe('Further arguments of every `docker build`, separated by spaces.'),
  KUBIDU_BUILD_SPOOL_BYTES: integer(1024 * 1024, Number.MAX_SAFE_INTEGER)
    .default(256 * 1024 * 1024)
    .describe(
      'Bytes on disk for what one build writes while the store is away; beyond them lines are lost, and counted.',
    ),
  KUBIDU_UPLOAD_BYTES: integer(1024, Number.MAX_SAFE_INTEGER)
    .default(256 * 1024 * 1024)
    .describe('Largest archive that `kubidu deploy` may send.'),
  KUBIDU_SECRETS_KEY: secret
    .optional()
    .describe(
      'Seals build secrets on their way to a worker, from 32 bytes; the same for servers and workers. Absent: made of KUBIDU_JWT_SECRET, else random.',
    ),
} as const;

/** Those of them whose values are never shown: a URL may hold a password. */
export const BUILD_SECRETS = ['KUBIDU_QUEUE_REDIS_URL', 'KUBIDU_SECRETS_KEY'] as const;

/** The settings as read. */
export type BuildSettings = z.output<z.ZodObject<typeof SHARED_SETTINGS & typeof BUILD_SETTINGS>>;
