/**
 * Packets, encoded once for however many readers get them: as text, for any transport of a socket; as ready WebSocket
 * frames, several packets in one buffer, so that a socket costs one write and not one a line; and as the bytes of a body.
 * Formats: Engine.IO protocol v4 (`4` before a message), RFC 6455, 5.2.
 */
export class Packets {
  readonly texts: readonly string[];
  #frames: Buffer | undefined;
  #bytes: Buffer | undefined;

  constructor(texts: readonly string[]) {
    this.texts = texts;
  }

  /** Characters of all of them. */
  get size(): number {
    return this.texts.reduce((sum, text) => sum + text.length, 0);
  }

  /** All of them as WebSocket frames, one behind the other. */
  get frames(): Buffer {
    this.#frames ??= Buffer.concat(this.texts.map(frameOf));
    return this.#frames;
  }

  /** All of them as a part of a body. */
  get bytes(): Buffer {
    this.#bytes ??= Buffer.from(this.texts.join(''));
    return this.#bytes;
  }
}

const FINAL_TEXT = 0x81;

function frameOf(text: string): Buffer {
  const size = Buffer.byteLength(text) + 1;
  const head = size < 126 ? 2 : size < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(head + size);
  frame[0] = FINAL_TEXT;
  if (head === 2) frame[1] = size;
  else if (head === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(size, 2);
  } else {
    frame[1] = 127;
    frame.writeUInt32BE(0, 2);
    frame.writeUInt32BE(size, 6);
  }
  frame[head] = 0x34; // '4': an Engine.IO message
  frame.write(text, head + 1);
  return frame;
}
