import { Masker, hasCode } from '@kubidu/core';
import { z } from 'zod';

import { parseDuration } from './duration.ts';

const list = (text: string) =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');

const integer = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.int().min(least, `must be at least ${least}`).max(most, `must be at most ${most}`));

const duration = z.string().transform((text, context) => {
  const ms = parseDuration(text);
  if (ms !== undefined) return ms;
  context.addIssue({ code: 'custom', message: 'must be a duration from 1s on, like 90s, 12h or 7d' });
  return z.NEVER;
});

const ROLES = ['gateway', 'collector', 'archiver'] as const;
/** What a process does. */
export type Role = (typeof ROLES)[number];

const roles = z
  .string()
  .transform(list)
  .pipe(z.array(z.enum(ROLES, `must be a list of ${ROLES.join(', ')}`)).min(1, 'must name at least one role'));

const origin = z.string().refine((text) => {
  try {
    return new URL(text).origin === text;
  } catch {
    return false;
  }
}, 'must be origins like https://logs.example.com, with no path and no *');

const formation = z
  .string()
  .regex(/^\s*[A-Za-z0-9._-]+=\d{1,3}\s*(?:,\s*[A-Za-z0-9._-]+=\d{1,3}\s*)*$/, 'must be like web=3,worker=1');

const secret = z
  .string()
  .refine((text) => Buffer.byteLength(text) >= 32, 'must be at least 32 bytes long (RFC 7518, 3.2)');

const bearer = z.string().regex(/^[!-~]+$/, 'must be printable characters without spaces');

const redisUrl = z
  .string()
  .regex(/^rediss?(?:\+cluster)?:\/\/[^\s/]+/, 'must be redis://host:port, rediss://host:port or several with commas');

const patterns = z.string().transform((text, context) => {
  const given = text.split(/\s+/).filter((pattern) => pattern !== '');
  try {
    new Masker({ patterns: given });
    return given;
  } catch (error) {
    if (!hasCode(error, 'INVALID_ARGUMENT')) throw error;
    context.addIssue({ code: 'custom', message: `must be expressions in the syntax of RE2: ${error.message}` });
    return z.NEVER;
  }
});

/**
 * Every setting, in the order in which they are documented. An empty variable counts as absent. docs/reference is made
 * from this table.
 */
export const SETTINGS = {
  PORT: integer(0, 65_535).default(3000).describe('Port of the server; 0 takes a free one and prints it.'),
  HOST: z
    .string()
    .regex(/^[A-Za-z0-9.:_[\]-]{1,253}$/, 'must be a host name or an address')
    .default('127.0.0.1')
    .describe('Address to listen on. Without authentication only a loopback address is accepted.'),
  KUBIDU_DATA_DIR: z.string().default('./.kubidu').describe('Folder of the embedded store.'),
  KUBIDU_REDIS_URL: redisUrl
    .optional()
    .describe('Redis that keeps the streams; several nodes of a cluster with commas. Absent: the embedded store.'),
  KUBIDU_KUBERNETES: z
    .enum(['off', 'kubeconfig', 'in-cluster'], 'must be off, kubeconfig or in-cluster')
    .default('off')
    .describe('How to reach the cluster whose pods are followed.'),
  KUBECONFIG: z.string().optional().describe("Path of the kubeconfig; absent: kubectl's own default."),
  KUBIDU_NAMESPACES: z
    .string()
    .transform(list)
    .pipe(z.array(z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, 'must be names of namespaces')))
    .optional()
    .describe('Namespaces to follow, with commas. Absent: all.'),
  KUBIDU_COLLECT: z
    .enum(['always', 'on-demand'], 'must be always or on-demand')
    .default('always')
    .describe(
      '`on-demand` follows pods only while somebody reads their stream, and 30 s longer; processes are followed always.',
    ),
  KUBIDU_ROLES: roles
    .default(['gateway', 'collector'])
    .describe(
      'What this process does, with commas: `gateway` (HTTP and sockets), `collector` (follows services); `archiver` has nothing to do in this version.',
    ),
  KUBIDU_JWT_SECRET: secret
    .optional()
    .describe('Secret of HS256 tokens, from 32 bytes. Setting it turns authentication on.'),
  KUBIDU_JWT_ISSUER: z.string().optional().describe('`iss` that a token must carry. Absent: not checked.'),
  KUBIDU_JWT_AUDIENCE: z.string().optional().describe('`aud` that a token must carry. Absent: not checked.'),
  KUBIDU_ACCESS: z
    .enum(['allow', 'claims'], 'must be allow or claims')
    .optional()
    .describe(
      '`claims`: a token reads what its claims name. `allow`: any valid token reads everything. Absent: `claims` with authentication, `allow` without.',
    ),
  KUBIDU_CORS_ORIGINS: z
    .string()
    .transform(list)
    .pipe(z.array(origin))
    .default([])
    .describe('Origins of web pages that may use this server, with commas. Absent: only its own.'),
  KUBIDU_RETENTION: duration
    .default(7 * 86_400_000)
    .describe('How long entries are kept, from 1s: `s`, `m`, `h` or `d`. Builds, jobs and bots count from their end.'),
  KUBIDU_HOT_BYTES: integer(65_536, Number.MAX_SAFE_INTEGER)
    .default(256 * 1024 * 1024)
    .describe('Bytes kept of each stream, from 65536; what is older is trimmed, and readers are told.'),
  KUBIDU_MASK: patterns
    .default([])
    .describe(
      'What to mask besides known shapes: RE2 expressions, spaces or line breaks between them; a space within one is `\\x20`.',
    ),
  KUBIDU_INGEST_TOKEN: bearer.optional().describe('Bearer token that may write and end every stream and nothing else.'),
  KUBIDU_METRICS_TOKEN: bearer
    .optional()
    .describe('Bearer token for /metrics. Absent: open without authentication, else for admins.'),
  KUBIDU_PROCFILE: z
    .string()
    .optional()
    .describe(
      'Procfile whose processes are run as services, or `off`. Absent: `samples/Procfile` of this repository, but `off` with Redis or Kubernetes.',
    ),
  KUBIDU_FORMATION: formation
    .optional()
    .describe(
      'Replicas of each process, like `web=3,worker=1`; one of each that is not named. Absent: one each, but `web=3` of the sample.',
    ),
} as const;

/** Name of a setting. */
export type SettingName = keyof typeof SETTINGS;

/** Settings whose values are never shown. KUBIDU_REDIS_URL may hold a password, KUBIDU_MASK what is to be masked. */
export const SECRETS: readonly SettingName[] = [
  'KUBIDU_JWT_SECRET',
  'KUBIDU_INGEST_TOKEN',
  'KUBIDU_METRICS_TOKEN',
  'KUBIDU_REDIS_URL',
  'KUBIDU_MASK',
];

/** Settings that are planned and that this version does not have: silence would look like consent. */
export const LATER: readonly string[] = [
  'KUBIDU_QUEUE_REDIS_URL',
  'KUBIDU_S3_BUCKET',
  'KUBIDU_S3_ENDPOINT',
  'KUBIDU_S3_REGION',
  'KUBIDU_JWKS_URL',
  'KUBIDU_ACCESS_WEBHOOK_URL',
];

/** What clients and tools of ours read from the environment; no mistake where a server finds it. */
export const OTHERS: readonly string[] = ['KUBIDU_SERVER', 'KUBIDU_TOKEN', 'KUBIDU_SERVICE', 'KUBIDU_CLUSTER_SCRIPT'];

/** Prefixes of the variables that tests set. */
export const OTHER_PREFIXES: readonly string[] = ['KUBIDU_TEST_'];

/** One line of the configuration's reference. */
export interface SettingRow {
  readonly name: string;
  /** As one would write it; absent where there is none. */
  readonly default?: string;
  readonly description: string;
  readonly secret: boolean;
}

const WRITTEN: Readonly<Record<string, string>> = { KUBIDU_RETENTION: '7d', KUBIDU_CORS_ORIGINS: '' };

/** The settings as their reference page lists them. */
export function describeSettings(): SettingRow[] {
  return Object.entries(SETTINGS).map(([name, schema]) => {
    const written = WRITTEN[name] ?? asWritten(schema.safeParse(undefined).data);
    return {
      name,
      ...(written !== '' && { default: written }),
      description: schema.description ?? '',
      secret: SECRETS.includes(name as SettingName),
    };
  });
}

function asWritten(value: string | number | readonly string[] | undefined): string {
  return typeof value === 'object' ? value.join(',') : String(value ?? '');
}
