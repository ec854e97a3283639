// Packages are tested from their sources: the export condition `kubidu-source` leads to src/index.ts,
// so that a test never runs against a build that somebody forgot to renew.
/** @type {(jsx: boolean) => [string, Record<string, unknown>]} */
const swc = (jsx) => [
  '@swc/jest',
  {
    jsc: {
      // es2022 lowers `await using`, which Node 20 does not know.
      target: 'es2022',
      parser: { syntax: 'typescript', tsx: jsx, decorators: true },
      // Without both of the first, NestJS silently injects undefined.
      transform: { legacyDecorator: true, decoratorMetadata: true, react: { runtime: 'automatic' } },
      keepClassNames: true,
    },
    module: { type: 'es6' },
    sourceMaps: 'inline',
  },
];

/** @type {import('@jest/types').Config.InitialOptions} */
export default {
  rootDir: '.',
  roots: ['<rootDir>/packages', '<rootDir>/scripts'],
  testMatch: ['**/src/**/*.test.ts', '**/src/**/*.test.tsx', '**/scripts/**/*.test.mjs'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  modulePathIgnorePatterns: ['/dist/'],
  watchPathIgnorePatterns: ['/dist/', '/.nx/'],
  testEnvironment: 'node',
  testEnvironmentOptions: {
    customExportConditions: ['kubidu-source', 'node', 'node-addons'],
  },
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  transform: { '\\.ts$': swc(false), '\\.tsx$': swc(true) },
  injectGlobals: false,
  cacheDirectory: '<rootDir>/.cache/jest',
  testTimeout: 30_000,
};
