import js from '@eslint/js';
import jsxA11y from 'eslint-plugin-jsx-a11y';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

/** Tests and suites: long by nature, and the only ones that may wait for wall-clock time in their own ways. */
const suites = ['**/*.test.ts', '**/*.test.tsx', '**/*.conformance.ts'];
const scriptTests = ['scripts/**/*.test.mjs'];

const focused = [
  {
    selector: 'MemberExpression[object.name=/^(it|test|describe)$/][property.name=/^(only|skip|todo|failing)$/]',
    message: 'A test runs or does not exist. What cannot run here is left out by the runner, with a reason.',
  },
  {
    selector: 'CallExpression[callee.name=/^(fit|fdescribe|xit|xtest|xdescribe)$/]',
    message: 'A test runs or does not exist.',
  },
];

const everywhere = [
  { selector: 'TSEnumDeclaration', message: 'Use a union of literals or a const object.' },
  {
    selector:
      'CallExpression[callee.property.name=/^(includes|startsWith|endsWith|match|search|indexOf)$/][callee.object.property.name="message"][callee.object.object.name=/^(e|err|error|cause|reason|failure)$/]',
    message: 'Nobody matches on the text of an error: branch on its code.',
  },
  {
    selector:
      'BinaryExpression[operator=/^[!=]==?$/] > MemberExpression[property.name="message"][object.name=/^(e|err|error|cause|reason|failure)$/]',
    message: 'Nobody compares the text of an error: branch on its code.',
  },
];

const noParameterProperties = {
  selector: 'TSParameterProperty',
  message: 'Declare the field. Parameter properties are for classes that NestJS constructs.',
};

const sleeps = {
  selector: 'NewExpression[callee.name="Promise"] CallExpression[callee.name="setTimeout"]',
  message: 'Wait for a condition with eventually(), never for a time.',
};

/** What would keep a test from setting core's time and chance. */
const ambient = ['Date.now', 'Math.random', 'performance.now', 'process.hrtime'].map((name) => {
  const [object, property] = name.split('.');
  return { object, property, message: `${name} cannot be set by a test: take a Clock or a number.` };
});

export default tseslint.config(
  { ignores: ['**/dist/', '**/node_modules/', 'coverage/', '.nx/', '.kubidu/', '**/*.cjs'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    files: ['packages/*/src/**/*.{ts,tsx}', 'packages/web/examples/**/*.{ts,tsx}', 'bench/src/**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: {
        project: ['./tsconfig.test.json', './packages/web/tsconfig.test.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      'no-console': 'error',
      'no-restricted-syntax': ['error', ...everywhere, noParameterProperties],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': ['error', { ignoreVoid: false }],
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // An in-memory implementation of an asynchronous port has nothing to wait for.
      '@typescript-eslint/require-await': 'off',
      // Terminals are our trade: control characters in expressions are meant.
      'no-control-regex': 'off',
      // `const`-like classes of NestJS modules have no members.
      '@typescript-eslint/no-extraneous-class': 'off',
    },
  },
  {
    files: ['packages/core/src/**/*.ts'],
    ignores: [...suites, 'packages/core/src/clock.ts'],
    rules: {
      'no-restricted-properties': ['error', ...ambient],
      'no-restricted-globals': [
        'error',
        ...['setTimeout', 'setInterval', 'process'].map((name) => ({
          name,
          message: 'core has no timers and no process of its own: take a Clock or an option.',
        })),
      ],
    },
  },
  {
    files: ['packages/api/src/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', ...everywhere] },
  },
  {
    files: ['packages/web/src/**/*.{ts,tsx}', 'packages/web/examples/**/*.{ts,tsx}'],
    extends: [reactHooks.configs.flat['recommended-latest'], jsxA11y.flatConfigs.strict],
    rules: {
      'react-hooks/exhaustive-deps': 'error',
      // JSX takes handlers that return a promise for handlers that return nothing.
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
    },
  },
  {
    files: ['bench/src/**/*.ts'],
    rules: { 'max-lines-per-function': 'off', 'no-console': 'off' },
  },
  {
    files: suites,
    rules: {
      'max-lines': 'off',
      'max-lines-per-function': 'off',
      'no-restricted-syntax': ['error', ...everywhere, ...focused, sleeps],
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    files: ['**/*.{js,mjs}'],
    languageOptions: { ecmaVersion: 2025, sourceType: 'module' },
    rules: {
      // TypeScript checks these files by their JSDoc (tsconfig.scripts.json) and knows Node's globals.
      'no-undef': 'off',
    },
  },
  { files: scriptTests, rules: { 'no-restricted-syntax': ['error', ...focused, sleeps] } },
  {
    files: ['scripts/**/*.mjs'],
    ignores: scriptTests,
    rules: {
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
    },
  },
);
