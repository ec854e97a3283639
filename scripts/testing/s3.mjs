import { existsSync } from 'node:fs';
import path from 'node:path';

import { root } from '../workspace/root.mjs';

/** Beside the checkout, where the variable names no other. */
const script = process.env['KUBIDU_S3_SCRIPT'] || path.join(root, '..', 'shared', 'real', 's3');

/**
 * Looks whether tests can start S3 servers; each starts its own.
 * @returns {Promise<string | undefined>} why not
 */
export function provideS3() {
  return Promise.resolve(existsSync(script) ? undefined : 'no script (KUBIDU_S3_SCRIPT) can start an S3 server');
}
