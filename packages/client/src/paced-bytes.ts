import type { StallWatch } from './stall-watch.ts';

/**
 * The same bytes, read when they are asked for and not before: whoever takes them slowly may, and only waiting for the
 * next piece counts as a stall. Closes the watch.
 */
export function pacedBytes(
  bytes: ReadableStream<Uint8Array>,
  stalled: StallWatch,
  failure: (cause: unknown) => unknown,
): ReadableStream<Uint8Array> {
  const reader = bytes.getReader();
  stalled.pause();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        stalled.moved();
        try {
          const { value, done } = await reader.read();
          stalled.pause();
          if (!done) return controller.enqueue(value);
          stalled.close();
          controller.close();
        } catch (cause) {
          stalled.close();
          controller.error(failure(cause));
        }
      },
      cancel: (reason) => {
        stalled.close();
        return reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}
