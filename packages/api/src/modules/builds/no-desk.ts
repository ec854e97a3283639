import { LogsError } from '@kubidu/core';
import type { BuildDesk } from '@kubidu/core';

/** The desk of a server that builds nothing: everything is UNAVAILABLE and says why. @param why in words */
export function noDesk(why: string): BuildDesk {
  const refuse = async (): Promise<never> => {
    throw new LogsError('UNAVAILABLE', `this server builds nothing: ${why}`);
  };
  return {
    request: refuse,
    cancel: refuse,
    upload: refuse,
    maxUploadBytes: 0,
    health: async () => ({ ok: false, detail: why }),
    [Symbol.asyncDispose]: async () => undefined,
  };
}
