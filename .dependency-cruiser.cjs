// The arrows of the architecture: a package may import only what is named beside it here, and a technology's
// library only the adapter that is named after it. `npm run check:deps` fails on anything else.
const fs = require('node:fs');
const path = require('node:path');

const packages = fs
  .readdirSync(path.join(__dirname, 'packages'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);
const isAdapter = (name) => /^(store|source|archive)-/.test(name);
const adapters = packages.filter(isAdapter);

const mayImport = {
  contracts: [],
  query: ['contracts'],
  text: ['contracts'],
  core: ['query', 'contracts'],
  client: ['query', 'contracts'],
  logger: ['contracts'],
  cli: ['client', 'query', 'text', 'contracts'],
  web: ['client', 'query', 'text', 'contracts'],
  api: ['core', 'query', 'text', 'contracts', 'build-service', ...adapters],
  'build-service': ['core', 'contracts', 'store-redis'],
  testing: packages,
};
for (const adapter of adapters) mayImport[adapter] = ['core', 'contracts'];

/** Which packages may import a library; everybody else goes through a port. */
const onlyIn = [
  ['ioredis', ['store-redis']],
  ['lmdb', ['store-lmdb']],
  ['@kubernetes/client-node', ['source-kubernetes']],
  ['@nestjs/[^/]+', ['api', 'build-service']],
  ['bullmq', ['api', 'build-service']],
  ['@aws-sdk/[^/]+', ['archive-s3', 'source-cloudwatch']],
  ['commander', ['cli']],
  ['chalk', ['cli']],
  ['socket.io', ['api']],
  ['socket.io-client', ['client', 'cli']],
  ['react(-dom|-router)?', ['web']],
  ['@tanstack/[^/]+', ['web']],
  ['prom-client', ['api']],
  ['re2js', ['query', 'core']],
  ['(nestjs-)?pino', ['api', 'build-service', 'logger']],
];

/** Tests, and what only they use. */
const suite = '(\\.(test|conformance)\\.tsx?|/src/testing/[^/]+\\.ts)$';
const either = (names) => `(${names.join('|')})`;

const arrows = packages.map((name) => {
  const allowed = [name, ...(mayImport[name] ?? [])];
  return {
    name: `arrows-of-${name}`,
    severity: 'error',
    comment: `packages/${name} may import ${mayImport[name]?.join(', ') || 'nothing of ours'}; its tests also testing.`,
    from: { path: `^packages/${name}/`, pathNot: suite },
    to: { path: '^packages/([^/]+)/', pathNot: `^packages/${either(allowed)}/` },
  };
});
const arrowsOfTests = packages.map((name) => {
  const allowed = [name, 'testing', ...(mayImport[name] ?? [])];
  return {
    name: `arrows-of-tests-in-${name}`,
    severity: 'error',
    comment: `Tests in packages/${name} may import what it imports, and testing.`,
    from: { path: `^packages/${name}/.*${suite}` },
    to: { path: '^packages/([^/]+)/', pathNot: `^packages/${either(allowed)}/` },
  };
});
const libraries = onlyIn.map(([library, owners]) => ({
  name: `${library.replace(/[^a-z0-9.-]+/gi, '-')}-only-in-${owners.join('-and-')}`,
  severity: 'error',
  comment: 'A technology is known to its adapter only; testing and tests may speak it to check from outside.',
  from: { path: '^packages/', pathNot: [`^packages/${either([...owners, 'testing'])}/`, suite] },
  to: { path: `(^|/)node_modules/${library}(/|$)` },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...arrows,
    ...arrowsOfTests,
    ...libraries,
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-unresolvable',
      severity: 'error',
      comment: 'An import that leads nowhere.',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-way-into-a-package-but-its-exports',
      severity: 'error',
      comment: 'Another package is imported by its name, never by a path into it.',
      from: { path: '^packages/([^/]+)/' },
      to: { path: '^packages/([^/]+)/', pathNot: '^packages/$1/', dependencyTypes: ['local'] },
    },
    {
      name: 'no-tests-in-sources',
      severity: 'error',
      from: { path: '^(packages|bench)/', pathNot: suite },
      to: { path: '\\.test\\.tsx?$' },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '/dist/'] },
    exclude: { path: '/dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.test.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['kubidu-source', 'import', 'node', 'default', 'types'],
      mainFields: ['module', 'main', 'types'],
    },
  },
};
