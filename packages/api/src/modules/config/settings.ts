import {
  BUILD_SECRETS,
  BUILD_SETTINGS,
  duration,
  integer,
  list,
  SHARED_SETTINGS,
} from '@kubidu/build-service/settings';
import { LIMITS } from '@kubidu/contracts/limits';
import { z } from 'zod';

const ROLES = ['gateway', 'collector', 'builder', 'archiver'] as const;
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

const bearer = z.string().regex(/^[!-~]+$/, 'must be printable characters without spaces');

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
  KUBIDU_DATA_DIR: SHARED_SETTINGS.KUBIDU_DATA_DIR,
  KUBIDU_REDIS_URL: SHARED_SETTINGS.KUBIDU_REDIS_URL,
  KUBIDU_S3_BUCKET: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]$/, 'must be the name of a bucket')
    .optional()
    .describe(
      "S3 bucket of the archive; credentials come from AWS's own variables. Absent: the archive is the folder `archive` of KUBIDU_DATA_DIR; with Redis only where that is set.",
    ),
  KUBIDU_S3_ENDPOINT: z
    .string()
    .regex(/^https?:\/\/[^\s@]+$/, 'must be http://… or https://… without a user')
    .optional()
    .describe('Address of an S3 store that is not AWS. Absent: AWS.'),
  KUBIDU_S3_REGION: z
    .string()
    .regex(/^[a-z0-9-]{1,64}$/, 'must be a region like eu-central-1')
    .optional()
    .describe('Region of the bucket. Absent: `AWS_REGION`, else `us-east-1`.'),
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
    .optional()
    .describe(
      'What this process does, with commas: `gateway` (HTTP and sockets), `collector` (follows services), `archiver` (moves what is old into the archive; one of all processes does at a time), `builder` (runs builds). Absent: `gateway,collector,archiver`, and without Redis also `builder`.',
    ),
  KUBIDU_JWT_SECRET: SHARED_SETTINGS.KUBIDU_JWT_SECRET,
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
  KUBIDU_FRAME_ANCESTORS: z
    .string()
    .transform(list)
    .pipe(z.array(origin))
    .default([])
    .describe('Origins of web pages that may show the dashboard in a frame, with commas. Absent: none.'),
  KUBIDU_RETENTION: duration
    .default(7 * 86_400_000)
    .describe('How long entries are kept, from 1s: `s`, `m`, `h` or `d`. Builds, jobs and bots count from their end.'),
  KUBIDU_HOT_BYTES: SHARED_SETTINGS.KUBIDU_HOT_BYTES,
  KUBIDU_HOT_BYTES_TOTAL: integer(1_048_576, Number.MAX_SAFE_INTEGER)
    .default(2 * 1024 ** 3)
    .describe(
      'Bytes of all streams together kept in the store, from 1048576, where there is an archive; the largest streams give first. While nothing can be archived, up to twice as much and 64 MiB are kept; then the oldest of the largest goes, and readers are told.',
    ),
  KUBIDU_MASK: SHARED_SETTINGS.KUBIDU_MASK,
  KUBIDU_INGEST_TOKEN: bearer.optional().describe('Bearer token that may write and end every stream and nothing else.'),
  KUBIDU_METRICS_TOKEN: bearer
    .optional()
    .describe('Bearer token for /metrics. Absent: open without authentication, else for admins.'),
  KUBIDU_RATE_LIMIT: integer(0, 1_000_000)
    .default(LIMITS.requestsPerSecond)
    .describe(
      'Requests a second that one principal may go on sending to one server, pages and subscriptions by socket included; 20 s worth of them may come at once. Without authentication each address and each socket counts by itself. 0: no limit.',
    ),
  KUBIDU_RATE_LIMIT_INGEST: integer(0, 1_000_000)
    .default(LIMITS.requestsPerSecond)
    .describe(
      'The same for requests that store lines, counted apart; senders with the ingest token count by their address. 0: no limit.',
    ),
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
  ...BUILD_SETTINGS,
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
  ...BUILD_SECRETS,
];

/** Settings that are planned and that this version does not have: silence would look like consent. */
export const LATER: readonly string[] = ['KUBIDU_JWKS_URL', 'KUBIDU_ACCESS_WEBHOOK_URL'];

/** What clients and tools of ours read from the environment; no mistake where a server finds it. */
export const OTHERS: readonly string[] = [
  'KUBIDU_SERVER',
  'KUBIDU_TOKEN',
  'KUBIDU_SERVICE',
  'KUBIDU_CLUSTER_SCRIPT',
  'KUBIDU_CHROMIUM',
];

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

const WRITTEN: Readonly<Record<string, string>> = {
  KUBIDU_RETENTION: '7d',
  KUBIDU_CORS_ORIGINS: '',
  KUBIDU_FRAME_ANCESTORS: '',
  KUBIDU_BUILD_TIMEOUT: '1h',
  KUBIDU_BUILD_ARGUMENTS: '',
};

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
