import type { ErrorBody, Gap, Outcome } from '@kubidu/contracts';
import type { Excerpt } from '@kubidu/core';

import type { Packets } from './packet.ts';

/**
 * How a reader wants what is delivered: on a socket one event for each entry, or several entries in one; as Server-Sent
 * Events; or as those that older readers of jobs know.
 */
export const FORMS = ['log', 'logs', 'events', 'job'] as const;
export type Form = (typeof FORMS)[number];

/** Where a reader begins. */
export interface Beginning {
  readonly firstIndex: number;
  readonly lastIndex: number;
  /** Everything up to here was delivered or, with a query, looked at. */
  readonly cursor: number;
}

/** How a stream ended, everything up to `lastIndex` having been delivered. */
export interface End extends Outcome {
  readonly lastIndex: number;
}

/** Writes what is delivered of one stream in one form, once for however many readers get it. */
export interface Encoder {
  /** What a reader starts with, first of all; possibly nothing. */
  history(excerpts: readonly Excerpt[], beginning: Beginning): Packets;
  /** At least one entry. */
  entries(excerpt: Excerpt): Packets;
  gap(gap: Gap): Packets;
  end(end: End): Packets;
  /** Nothing more comes, and this is why. */
  refusal(error: ErrorBody): Packets;
}
