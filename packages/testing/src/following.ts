import type { LogSource, Sink } from '@kubidu/core';

/** Follows a service until it is disposed; then throws what the following threw. */
export function following(
  source: LogSource,
  serviceId: string,
  sink: Sink,
): AsyncDisposable & { readonly done: Promise<void> } {
  const stop = new AbortController();
  const done = source.follow(serviceId, sink, stop.signal);
  // Whoever expects a failure looks at `done`; nobody has to.
  done.catch(() => undefined);
  return {
    done,
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await done;
    },
  };
}
