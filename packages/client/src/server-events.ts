/** One Server-Sent Event. */
export interface ServerEvent {
  /** `message` where it has no name. */
  readonly event: string;
  /** Empty where nothing came but a place to go on from. */
  readonly data: string;
  /** Where to go on behind it: the last id there was, also one of an event before. */
  readonly id: string;
}

/**
 * Server-Sent Events as the HTML standard parses them, those together that came together. What is not whole at the end is
 * left out. Leaving the iteration cancels the bytes.
 * @throws whatever reading throws
 */
export async function* serverEvents(bytes: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent[]> {
  const reader = bytes.getReader();
  const decoder = new TextDecoder();
  const parser = new EventParser();
  let rest = '';
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const lines = (rest + decoder.decode(value, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      const events = lines.flatMap((line) => parser.take(line.endsWith('\r') ? line.slice(0, -1) : line) ?? []);
      if (events.length > 0) yield events;
    }
  } finally {
    await reader.cancel().catch(() => undefined); // broken already: whoever iterates was told
  }
}

/** What of an event came so far. */
class EventParser {
  #id = '';
  #told = '';
  #event = '';
  #data: string[] = [];

  /** Takes a line; returns the event that an empty one ends. */
  take(line: string): ServerEvent | undefined {
    if (line === '') return this.#end();
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'id') this.#id = value;
    else if (field === 'event') this.#event = value;
    else if (field === 'data') this.#data.push(value);
    return undefined;
  }

  #end(): ServerEvent | undefined {
    const [event, data, id] = [this.#event || 'message', this.#data.join('\n'), this.#id];
    const moved = id !== this.#told;
    this.#event = '';
    this.#data = [];
    this.#told = id;
    return data === '' && !moved ? undefined : { event, data, id };
  }
}
