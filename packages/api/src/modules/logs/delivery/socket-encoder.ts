import type { ErrorBody, Gap, StreamId } from '@kubidu/contracts';
import type { Excerpt } from '@kubidu/core';

import type { Beginning, Encoder, End } from './form.ts';
import { Packets } from './packet.ts';

/** Events of Socket.IO's namespace `/logs`: docs/reference/protocol.md. */
export class SocketEncoder implements Encoder {
  readonly #stream: StreamId;
  readonly #form: 'log' | 'logs';
  readonly #about: string;

  constructor(stream: StreamId, form: 'log' | 'logs') {
    this.#stream = stream;
    this.#form = form;
    this.#about = JSON.stringify({ stream });
  }

  history(excerpts: readonly Excerpt[], { firstIndex, lastIndex }: Beginning): Packets {
    const entries = excerpts.flatMap((excerpt) => excerpt.indexed());
    return packet(
      'logs:history',
      `[${entries.join(',')}]`,
      JSON.stringify({ stream: this.#stream, firstIndex, lastIndex }),
    );
  }

  /** One `logs`, or a `log` for each of them. */
  entries(excerpt: Excerpt): Packets {
    if (this.#form === 'logs') return packet('logs', excerpt.json(), this.#about);
    return new Packets(excerpt.indexed().map((entry) => eventText('log', [entry, this.#about])));
  }

  gap(gap: Gap): Packets {
    return packet('logs:gap', JSON.stringify({ stream: this.#stream, ...gap }));
  }

  end(end: End): Packets {
    return packet('logs:end', JSON.stringify({ stream: this.#stream, ...end }));
  }

  refusal(error: ErrorBody): Packets {
    return packet('error', JSON.stringify({ ...error, stream: this.#stream }));
  }
}

/** One event, its arguments as JSON already. */
function packet(event: string, ...args: readonly string[]): Packets {
  return new Packets([eventText(event, args)]);
}

/** A Socket.IO packet (protocol v5) of the namespace. */
function eventText(event: string, args: readonly string[]): string {
  return `2/logs,["${event}",${args.join(',')}]`;
}
