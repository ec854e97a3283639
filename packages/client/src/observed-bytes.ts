/** The same bytes, with somebody who hears of each piece that was taken, and of why there are no more. */
export function observed(
  bytes: ReadableStream<Uint8Array>,
  onPiece: () => void,
  onFailure: (reason: unknown) => void,
): ReadableStream<Uint8Array> {
  const reader = bytes.getReader();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        onPiece();
        try {
          const { value, done } = await reader.read();
          if (done) controller.close();
          else controller.enqueue(value);
        } catch (reason) {
          onFailure(reason);
          controller.error(reason);
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}
