import type { LogEntry } from '@kubidu/contracts';

import { durationText } from '@kubidu/text';
import type { Format } from './format.ts';
import { messageText, shortTime, terminalText } from '@kubidu/text';
import type { TextOptions } from './text-format.ts';

type StepEvent = Extract<LogEntry['event'], { type: 'build-step' }>;

/** Colours that tell steps apart which run beside each other. */
const COLOURS = [36, 32, 33, 35, 34, 96, 92, 93, 95, 94];

/** A build for people: a header where a step begins, its number before each of its lines, how long it took at its end. */
export class BuildFormat implements Format {
  readonly system = true;
  readonly #options: TextOptions & { readonly finish: boolean };
  /** Steps whose header was printed and that have not ended. */
  readonly #open = new Set<number>();

  /** @param options `finish`: whether the entry that says how the build ended is printed; not where that is said below anyway */
  constructor(options: TextOptions & { readonly finish: boolean }) {
    this.#options = options;
  }

  format(entries: readonly LogEntry[]): string {
    let text = '';
    for (const entry of entries) {
      if (entry.event?.type === 'build-finished' && !this.#options.finish) continue;
      text += `${this.#time(entry)}${this.#content(entry)}\n`;
    }
    return text;
  }

  #time({ timestamp }: LogEntry): string {
    const { timestamps, colours } = this.#options;
    if (!timestamps) return '';
    return colours ? `\x1b[2m${shortTime(timestamp)}\x1b[22m ` : `${shortTime(timestamp)} `;
  }

  #content(entry: LogEntry): string {
    const { colours, prefix } = this.#options;
    if (entry.event?.type === 'build-step') return this.#step(entry.event);
    const message = messageText(entry, colours);
    return prefix && entry.step !== undefined ? `${this.#number(entry.step)} ${message}` : message;
  }

  #step(event: StepEvent): string {
    const { step, status, durationMs } = event;
    const name = terminalText(event.name, false);
    if (status === 'started') {
      this.#open.add(step);
      return `${this.#number(step)} ${this.#styled(1, name)}`;
    }
    // Its header may stand before what was asked for, and a cached step has none.
    const named = this.#open.delete(step) ? '' : `${this.#styled(1, name)} `;
    return `${this.#number(step)} ${named}${this.#styled(status === 'failed' ? 31 : 2, ended(status, durationMs))}`;
  }

  #number(step: number): string {
    return this.#styled(COLOURS[step % COLOURS.length] ?? 36, `#${step}`);
  }

  #styled(style: number, text: string): string {
    return this.#options.colours ? `\x1b[${style}m${text}\x1b[0m` : text;
  }
}

/** In BuildKit's own words, which whoever builds images knows. */
const ENDED = { cached: 'CACHED', succeeded: 'DONE', failed: 'FAILED', cancelled: 'CANCELLED' } as const;

function ended(status: keyof typeof ENDED, durationMs: number | undefined): string {
  const took = durationMs === undefined || status === 'cached' ? '' : ` ${durationText(durationMs)}`;
  return ENDED[status] + took;
}
