import { existsSync } from 'node:fs';

import { provideCommand } from './system-package.mjs';

/**
 * Makes sure that there is a Chromium, at KUBIDU_CHROMIUM or on the path; RealBrowser starts it.
 * @param {AbortSignal} signal
 * @returns {Promise<string | undefined>} why there is none
 */
export async function provideChromium(signal) {
  const named = process.env.KUBIDU_CHROMIUM;
  if (!named) return provideCommand('chromium', signal);
  return existsSync(named) ? undefined : 'KUBIDU_CHROMIUM names no file';
}
