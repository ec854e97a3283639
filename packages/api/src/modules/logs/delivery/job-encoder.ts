import type { ErrorBody, Gap, LogEntry, Outcome } from '@kubidu/contracts';
import type { Excerpt } from '@kubidu/core';
import { gapLine } from '@kubidu/text';

import type { Encoder, End } from './form.ts';
import { Packets } from './packet.ts';

/** What a reader of a job is told. */
interface JobEvent {
  readonly type: 'connected' | 'log' | 'error' | 'complete';
  readonly level?: string;
  readonly message: string;
  readonly index?: number;
}

/** Seconds since 1970, with its milliseconds. */
const now = (): number => Date.now() / 1_000;

/** Lines `data: {…}` and no other, as readers of jobs parse them that know nothing of events, ids and gaps. */
export class JobEncoder implements Encoder {
  history(excerpts: readonly Excerpt[]): Packets {
    const connected = textOf({ type: 'connected', level: 'info', message: 'Streaming logs...' });
    return new Packets([connected + excerpts.map(linesOf).join('')]);
  }

  entries(excerpt: Excerpt): Packets {
    return new Packets([linesOf(excerpt)]);
  }

  /** As a line, since there is no other way to say it. */
  gap(gap: Gap): Packets {
    return new Packets([textOf({ type: 'log', level: 'warn', message: gapLine(gap), index: gap.to })]);
  }

  end({ lastIndex, status, exitCode }: End): Packets {
    const level = status === 'succeeded' ? 'info' : 'error';
    const message = exitCode === undefined ? status : `${status} with exit code ${exitCode}`;
    const outcome: Outcome = { status, ...(exitCode !== undefined && { exitCode }) };
    return new Packets([textOf({ type: 'complete', level, message, index: lastIndex, ...outcome })]);
  }

  refusal({ message, code }: ErrorBody): Packets {
    return new Packets([textOf({ type: 'error', level: 'error', message, code } as JobEvent)]);
  }
}

function linesOf(excerpt: Excerpt): string {
  return excerpt.entries().map(lineOf).join('');
}

function lineOf({ timestamp, level = 'INFO', message, index }: LogEntry): string {
  return textOf({ type: 'log', level: level.toLowerCase(), message, index }, Date.parse(timestamp) / 1_000);
}

function textOf({ type, ...rest }: JobEvent, timestamp = now()): string {
  return `data: ${JSON.stringify({ type, timestamp, ...rest })}\n\n`;
}
