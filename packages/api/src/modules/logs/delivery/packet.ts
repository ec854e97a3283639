import type { Excerpt } from '@kubidu/core';

/**
 * Socket.IO packets of the namespace, encoded once for however many sockets get them: as text, for any transport, and as
 * ready WebSocket frames, several packets in one buffer, so that a socket costs one write and not one a line.
 * Formats: Socket.IO protocol v5 (`2/logs,["event",…]`), Engine.IO protocol v4 (`4` before a message), RFC 6455, 5.2.
 */
export class Packets {
  readonly texts: readonly string[];
  #frames: Buffer | undefined;

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
}

/** One event, its arguments as JSON already. */
export function packet(event: string, ...args: readonly string[]): Packets {
  return new Packets([eventText(event, args)]);
}

/** What a client gets for entries, at least one: one `logs`, or a `log` for each of them. */
export function entryPackets(entries: Excerpt, about: string, form: 'log' | 'logs'): Packets {
  if (form === 'logs') return packet('logs', entries.json(), about);
  return new Packets(entries.indexed().map((entry) => eventText('log', [entry, about])));
}

function eventText(event: string, args: readonly string[]): string {
  return `2/logs,["${event}",${args.join(',')}]`;
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
