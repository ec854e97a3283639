/**
 * The values of NDJSON, one a line, as they come. A line is held until it is whole; what stands behind the last line feed
 * is left out. Leaving the iteration cancels the bytes.
 * @throws whatever reading throws, and SyntaxError for a line that is no JSON
 */
export async function* jsonLines<T>(bytes: ReadableStream<Uint8Array>, onBytes: () => void): AsyncGenerator<T> {
  const reader = bytes.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      onBytes();
      const lines = (rest + decoder.decode(value, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) yield JSON.parse(line) as T;
    }
  } finally {
    await reader.cancel().catch(() => undefined); // broken already: whoever iterates was told
  }
}
