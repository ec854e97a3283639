import { provideCommand } from './system-package.mjs';

/**
 * Makes sure that there is a redis-server binary; the tests start their own servers from it.
 * @param {AbortSignal} signal
 * @returns {Promise<string | undefined>} why there is none
 */
export const provideRedis = (signal) => provideCommand('redis-server', signal);
