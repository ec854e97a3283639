import { describe, expect, it } from '@jest/globals';

import { suiteOf } from './suites.mjs';

describe('A test file', () => {
  it.each([
    { file: 'tail.test.ts', suite: 'unit' },
    { file: 'logs.gateway.test.ts', suite: 'unit' },
    { file: 'LogViewer.test.tsx', suite: 'unit' },
    { file: 'log-store.redis.test.ts', suite: 'redis' },
    { file: 's3-objects.s3.test.ts', suite: 's3' },
    { file: 'main.system.test.ts', suite: 'system' },
    { file: 'main.redis.system.test.ts', suite: 'system' },
    { file: 'expiry-rule.moto.test.ts', suite: 'moto' },
    { file: 'kills.system.s3.test.ts', suite: 'archive' },
    { file: 'sign-in.browser.test.ts', suite: 'browser' },
    { file: 'build.docker.test.ts', suite: 'docker' },
    { file: 'build.docker.system.test.ts', suite: 'docker' },
    { file: 'follow.kubernetes.test.ts', suite: 'kubernetes' },
    { file: 'follow.system.kubernetes.test.ts', suite: 'kubernetes' },
    { file: 'follow.rotation.kubernetes.test.ts', suite: 'rotation' },
    { file: 'follow.rotation.system.kubernetes.test.ts', suite: 'rotation' },
  ])('named $file belongs to the suite $suite', ({ file, suite }) => {
    expect(suiteOf(`packages/x/src/${file}`)?.name).toBe(suite);
  });
});
