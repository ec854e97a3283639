import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from '@jest/globals';

import { ConfigError, loadConfig } from './config.ts';
import { isLoopback } from './loopback.ts';
import { SECRETS, SETTINGS, describeSettings } from './settings.ts';

const SAMPLES = fileURLToPath(new URL('../../../../../samples', import.meta.url));
const SAMPLE = join(SAMPLES, 'Procfile');
const SECRET = 'a secret of at least thirty-two bytes';

function mistakes(environment: Record<string, string>): readonly string[] {
  try {
    loadConfig(environment, '/nowhere');
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes;
    throw error;
  }
  return [];
}

describe('configuration', () => {
  it('is the embedded default where nothing is set', () => {
    const { config, warnings } = loadConfig({ PORT: '', HOME: '/root' }, '/srv');
    expect(config).toMatchObject({
      PORT: 3000,
      HOST: '127.0.0.1',
      KUBIDU_DATA_DIR: '/srv/.kubidu',
      KUBIDU_KUBERNETES: 'off',
      KUBIDU_COLLECT: 'always',
      KUBIDU_ROLES: ['gateway', 'collector', 'archiver', 'builder'],
      KUBIDU_BUILD_RETRY: 'once',
      KUBIDU_BUILD_CONCURRENCY: 2,
      KUBIDU_BUILD_TIMEOUT: 3_600_000,
      KUBIDU_BUILD_ARGUMENTS: [],
      KUBIDU_RETENTION: 604_800_000,
      KUBIDU_HOT_BYTES: 268_435_456,
      KUBIDU_HOT_BYTES_TOTAL: 2_147_483_648,
      archive: { in: 'folder', path: '/srv/.kubidu/archive' },
      authentication: false,
      access: 'allow',
      embedded: true,
    });
    expect(warnings).toEqual([]);
  });

  it.each([
    { of: {}, procfile: SAMPLE, formation: 'web=3' },
    { of: { KUBIDU_FORMATION: 'worker=2' }, procfile: SAMPLE, formation: 'worker=2' },
    { of: { KUBIDU_PROCFILE: SAMPLE }, procfile: SAMPLE, formation: undefined },
    { of: { KUBIDU_PROCFILE: 'Procfile' }, procfile: join(SAMPLES, 'Procfile'), formation: undefined },
    { of: { KUBIDU_PROCFILE: 'off' }, procfile: undefined, formation: undefined },
    { of: { KUBIDU_REDIS_URL: 'redis://localhost' }, procfile: undefined, formation: undefined },
    { of: { KUBIDU_KUBERNETES: 'in-cluster' }, procfile: undefined, formation: undefined },
  ])('runs $procfile as $formation with $of', ({ of, procfile, formation }) => {
    const { config } = loadConfig(of, SAMPLES);
    expect([config.procfile, config.formation]).toEqual([procfile, formation]);
  });

  it('finds the sample wherever it is started from', () => {
    for (const cwd of ['/', '/nowhere']) expect(loadConfig({}, cwd).config.procfile).toBe(SAMPLE);
  });

  it.each([
    { of: { PORT: '80a' }, says: 'PORT=80a' },
    { of: { PORT: '65536' }, says: 'PORT=65536' },
    { of: { HOST: 'a b' }, says: 'HOST=a b' },
    { of: { HOST: '0.0.0.0' }, says: 'HOST=0.0.0.0: without authentication' },
    { of: { HOST: '192.168.1.4' }, says: 'without authentication' },
    { of: { HOST: '::' }, says: 'without authentication' },
    { of: { KUBIDU_REDIS_URL: 'http://:pass@x' }, says: 'KUBIDU_REDIS_URL: must be redis://' },
    { of: { KUBIDU_KUBERNETES: 'yes' }, says: 'KUBIDU_KUBERNETES=yes' },
    { of: { KUBIDU_NAMESPACES: 'a,B' }, says: 'KUBIDU_NAMESPACES' },
    { of: { KUBIDU_COLLECT: 'never' }, says: 'KUBIDU_COLLECT=never' },
    { of: { KUBIDU_ROLES: 'gateway,cook' }, says: 'KUBIDU_ROLES=gateway,cook' },
    { of: { KUBIDU_ROLES: ',' }, says: 'KUBIDU_ROLES' },
    { of: { KUBIDU_JWT_SECRET: 'short' }, says: 'KUBIDU_JWT_SECRET: must be at least 32 bytes' },
    { of: { KUBIDU_ACCESS: 'webhook' }, says: 'KUBIDU_ACCESS=webhook' },
    { of: { KUBIDU_ACCESS: 'claims' }, says: 'KUBIDU_ACCESS=claims: needs tokens' },
    { of: { KUBIDU_CORS_ORIGINS: '*' }, says: 'KUBIDU_CORS_ORIGINS=*' },
    { of: { KUBIDU_CORS_ORIGINS: 'https://a.example/path' }, says: 'KUBIDU_CORS_ORIGINS' },
    { of: { KUBIDU_RETENTION: '0s' }, says: 'KUBIDU_RETENTION=0s' },
    { of: { KUBIDU_RETENTION: '500ms' }, says: 'KUBIDU_RETENTION' },
    { of: { KUBIDU_RETENTION: '7 days' }, says: 'KUBIDU_RETENTION' },
    { of: { KUBIDU_HOT_BYTES: '65535' }, says: 'KUBIDU_HOT_BYTES=65535' },
    { of: { KUBIDU_HOT_BYTES_TOTAL: '1048575' }, says: 'KUBIDU_HOT_BYTES_TOTAL=1048575' },
    { of: { KUBIDU_INGEST_TOKEN: 'two words' }, says: 'KUBIDU_INGEST_TOKEN' },
    {
      of: { KUBIDU_MASK: 'a (foo' },
      says: 'KUBIDU_MASK: must be expressions in the syntax of RE2: pattern 2: missing closing )',
    },
    { of: { KUBIDU_MASK: 'a[z-a]' }, says: 'pattern 1: invalid character class range at column 3' },
    { of: { KUBIDU_PROCFILE: 'Procfile' }, says: 'KUBIDU_PROCFILE: there is no file /nowhere/Procfile' },
    { of: { KUBIDU_FORMATION: 'web=many' }, says: 'KUBIDU_FORMATION=web=many' },
    { of: { KUBIDU_QUEUE_REDIS_URL: 'http://:pass@x' }, says: 'KUBIDU_QUEUE_REDIS_URL: must be redis://' },
    { of: { KUBIDU_BUILD_RETRY: 'twice' }, says: 'KUBIDU_BUILD_RETRY=twice: must be once or never' },
    { of: { KUBIDU_BUILD_CONCURRENCY: '0' }, says: 'KUBIDU_BUILD_CONCURRENCY=0' },
    { of: { KUBIDU_BUILD_PATHS: '/srv,here' }, says: 'KUBIDU_BUILD_PATHS=/srv,here: must be absolute' },
    { of: { KUBIDU_BUILD_REGISTRY: 'https://r' }, says: 'KUBIDU_BUILD_REGISTRY=https://r' },
    { of: { KUBIDU_SECRETS_KEY: 'short' }, says: 'KUBIDU_SECRETS_KEY: must be at least 32 bytes' },
    { of: { KUBIDU_S3_BUCKET: 'no bucket' }, says: 'KUBIDU_S3_BUCKET=no bucket' },
    { of: { KUBIDU_S3_ENDPOINT: 'http://user:secret@x' }, says: 'KUBIDU_S3_ENDPOINT' },
    { of: { KUBIDU_S3_REGION: 'Home' }, says: 'KUBIDU_S3_REGION=Home' },
    { of: { KUBIDU_JWKS_URL: 'https://x' }, says: 'not supported in this version' },
  ])('refuses $of', ({ of, says }) => {
    expect(mistakes(of)).toEqual([expect.stringContaining(says)]);
  });

  it.each([
    { of: { KUBIDU_REDIS_URL: 'redis://localhost' }, roles: ['gateway', 'collector', 'archiver'] },
    { of: { KUBIDU_REDIS_URL: 'redis://localhost', KUBIDU_ROLES: 'builder' }, roles: ['builder'] },
    { of: { KUBIDU_KUBERNETES: 'in-cluster' }, roles: ['gateway', 'collector', 'archiver', 'builder'] },
    { of: { KUBIDU_ROLES: 'gateway' }, roles: ['gateway'] },
  ])('has the roles $roles with $of', ({ of, roles }) => {
    expect(loadConfig(of).config.KUBIDU_ROLES).toEqual(roles);
  });

  it('lists every mistake at once and shows no secret', () => {
    const found = mistakes({ PORT: 'x', KUBIDU_RETENTION: 'y', KUBIDU_JWT_SECRET: 'hunter2', KUBIDU_JWKS_URL: 'z' });
    expect(found).toHaveLength(4);
    expect(found.join('\n')).not.toContain('hunter2');
  });

  it.each([
    { of: {}, archive: { in: 'folder', path: '/srv/.kubidu/archive' } },
    { of: { KUBIDU_DATA_DIR: 'data' }, archive: { in: 'folder', path: '/srv/data/archive' } },
    { of: { KUBIDU_REDIS_URL: 'redis://x' }, archive: undefined },
    { of: { KUBIDU_REDIS_URL: 'redis://x', KUBIDU_DATA_DIR: '/d' }, archive: { in: 'folder', path: '/d/archive' } },
    { of: { KUBIDU_S3_BUCKET: 'logs' }, archive: { in: 's3', bucket: 'logs' } },
    {
      of: { KUBIDU_S3_BUCKET: 'logs', KUBIDU_S3_ENDPOINT: 'http://s3:9000', KUBIDU_S3_REGION: 'eu-central-1' },
      archive: { in: 's3', bucket: 'logs', endpoint: 'http://s3:9000', region: 'eu-central-1' },
    },
  ])('archives with $of in $archive', ({ of, archive }) => {
    expect(loadConfig(of, '/srv').config.archive).toEqual(archive);
  });

  it.each([
    { text: '1s', ms: 1_000 },
    { text: '90m', ms: 5_400_000 },
    { text: '12h', ms: 43_200_000 },
    { text: '30d', ms: 2_592_000_000 },
  ])('reads the retention $text', ({ text, ms }) => {
    expect(loadConfig({ KUBIDU_RETENTION: text }).config.KUBIDU_RETENTION).toBe(ms);
  });

  it('reads patterns with spaces or line breaks between them', () => {
    const { config } = loadConfig({ KUBIDU_MASK: '\n  cust-\\d{8}  a\\x20b,c\n(?i)pin=\\d+\n' });
    expect(config.KUBIDU_MASK).toEqual(['cust-\\d{8}', 'a\\x20b,c', '(?i)pin=\\d+']);
  });

  it('asks for tokens by their claims as soon as there is a secret, on any address', () => {
    const { config } = loadConfig({ HOST: '0.0.0.0', KUBIDU_JWT_SECRET: SECRET });
    expect([config.authentication, config.access]).toEqual([true, 'claims']);
    expect(loadConfig({ KUBIDU_JWT_SECRET: SECRET, KUBIDU_ACCESS: 'allow' }).config.access).toBe('allow');
  });

  it('warns of what is likely a typing error, and of what does nothing', () => {
    const { warnings } = loadConfig(
      {
        KUBIDU_REDIS: 'x',
        KUBIDU_SERVER: 'x',
        KUBIDU_TEST_RUN: '1',
        KUBIDU_JWT_ISSUER: 'x',
        KUBIDU_INGEST_TOKEN: 'short',
        KUBIDU_S3_REGION: 'eu-central-1',
      },
      '/nowhere',
    );
    expect(warnings).toHaveLength(4);
    expect(warnings[0]).toBe('KUBIDU_REDIS is not a setting');
  });

  it.each([
    { host: '127.0.0.1', loopback: true },
    { host: '127.8.8.8', loopback: true },
    { host: 'localhost', loopback: true },
    { host: 'LOCALHOST', loopback: true },
    { host: '::1', loopback: true },
    { host: '[::1]', loopback: true },
    { host: '0.0.0.0', loopback: false },
    { host: '::', loopback: false },
    { host: '127.0.0.1.example.com', loopback: false },
    { host: 'localhost.example.com', loopback: false },
    { host: '', loopback: false },
  ])('takes "$host" for loopback: $loopback', ({ host, loopback }) => {
    expect(isLoopback(host)).toBe(loopback);
  });
});

describe('the table of settings', () => {
  it('describes every setting, and marks those never shown', () => {
    const rows = describeSettings();
    expect(rows.map(({ name }) => name)).toEqual(Object.keys(SETTINGS));
    expect(rows.filter(({ description }) => description === '')).toEqual([]);
    expect(
      rows
        .filter(({ secret }) => secret)
        .map(({ name }) => name)
        .sort(),
    ).toEqual([...SECRETS].sort());
  });

  it('writes each default as one would set it', () => {
    const written = Object.fromEntries(
      describeSettings().flatMap((row) => (row.default === undefined ? [] : [[row.name, row.default]])),
    );
    expect(written).toMatchObject({ PORT: '3000', KUBIDU_RETENTION: '7d', KUBIDU_BUILD_TIMEOUT: '1h' });
    expect(loadConfig(written).config).toEqual(loadConfig({}).config);
  });
});
