import type { LogEntry } from '@kubidu/contracts';
import { durationText, number, terminalText } from '@kubidu/text';

/** How much a system entry matters: `bad` and `lost` are seen in passing, `quiet` is not. */
export type Tone = 'quiet' | 'good' | 'bad' | 'lost';

/** What a divider says. */
export interface SystemWords {
  readonly words: string;
  readonly tone: Tone;
}

type Event = NonNullable<LogEntry['event']>;
type Of<Type extends Event['type']> = Extract<Event, { type: Type }>;

/** What a system entry says, in few words and without what a terminal would obey. */
export function systemWords({ event, message }: LogEntry): SystemWords {
  const { words, tone } = event ? ofEvent(event) : { words: message, tone: 'quiet' as const };
  return { words: terminalText(words, false), tone };
}

function ofEvent(event: Event): SystemWords {
  switch (event.type) {
    case 'container-started':
      return {
        words: event.restart ? `container started (restart ${event.restart})` : 'container started',
        tone: 'quiet',
      };
    case 'container-exited':
      return exited(event);
    case 'pod-deleted':
      return { words: 'pod deleted', tone: 'quiet' };
    case 'lost':
      return { words: `${lostLines(event.lines)} lost: ${event.reason}`, tone: 'lost' };
    case 'build-step':
      return step(event);
    case 'build-finished':
      return finished(event);
    case 'release':
      return { words: `release ${event.deploymentId}`, tone: 'good' };
  }
}

function exited({ reason, exitCode, signal }: Of<'container-exited'>): SystemWords {
  const how = signal === undefined ? `${exitCode}` : `${exitCode}, signal ${signal}`;
  return { words: `container exited: ${reason} (${how})`, tone: exitCode === 0 ? 'quiet' : 'bad' };
}

const STEP = {
  started: { words: '', tone: 'quiet' },
  cached: { words: 'cached', tone: 'quiet' },
  succeeded: { words: 'done', tone: 'good' },
  failed: { words: 'failed', tone: 'bad' },
  cancelled: { words: 'cancelled', tone: 'quiet' },
} as const satisfies Record<string, SystemWords>;

function step({ step: number_, total, name, status, durationMs }: Of<'build-step'>): SystemWords {
  const { words, tone } = STEP[status];
  const place = total === undefined ? `step ${number_}` : `step ${number_} of ${total}`;
  const took = durationMs === undefined || status === 'cached' ? '' : ` in ${durationText(durationMs)}`;
  return { words: `${place} · ${name}${words === '' ? '' : ` · ${words}${took}`}`, tone };
}

function finished({ status, exitCode, image }: Of<'build-finished'>): SystemWords {
  const code = exitCode === undefined || exitCode === 0 ? '' : ` (exit code ${exitCode})`;
  const made = image === undefined ? '' : ` · ${image}`;
  return {
    words: `build ${status}${code}${made}`,
    tone: status === 'succeeded' ? 'good' : status === 'cancelled' ? 'quiet' : 'bad',
  };
}

function lostLines(lines: number | undefined): string {
  if (lines === undefined) return 'lines';
  return lines === 1 ? '1 line' : `${number(lines)} lines`;
}
