import type { ErrorBody, Gap } from '@kubidu/contracts';
import type { Excerpt } from '@kubidu/core';

import type { Beginning, Encoder, End } from './form.ts';
import { Packets } from './packet.ts';

/** How long a browser waits before it connects again after a refusal that connecting again does not mend. */
const REFUSED_RETRY_MS = 60_000;

/**
 * Server-Sent Events. The id of each is the index behind which its reader goes on, so that `Last-Event-ID` resumes; that
 * of `end` is one more than the last index there is, which says that the end was told.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export class EventEncoder implements Encoder {
  /** With no entry, an id alone: a browser takes it over and tells nobody. */
  history(excerpts: readonly Excerpt[], { cursor }: Beginning): Packets {
    const last = excerpts.at(-1)?.indexes.at(-1);
    const place = last === cursor ? '' : `id: ${cursor}\n\n`;
    return new Packets([excerpts.map(textOf).join('') + place]);
  }

  entries(excerpt: Excerpt): Packets {
    return new Packets([textOf(excerpt)]);
  }

  gap(gap: Gap): Packets {
    return new Packets([eventOf('gap', gap, gap.to)]);
  }

  end(end: End): Packets {
    return new Packets([eventOf('end', end, end.lastIndex + 1)]);
  }

  refusal(error: ErrorBody): Packets {
    return new Packets([`retry: ${REFUSED_RETRY_MS}\n${eventOf('error', error)}`]);
  }
}

/** A `log` for each entry. */
function textOf(excerpt: Excerpt): string {
  const { indexes } = excerpt;
  return excerpt
    .indexed()
    .map((entry, at) => `id: ${indexes[at]}\nevent: log\ndata: ${entry}\n\n`)
    .join('');
}

function eventOf(event: string, data: object, id?: number): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
