import type { LogEntry, Source } from '@kubidu/contracts';

import type { Format } from './format.ts';
import { messageText, shortTime, terminalText } from '@kubidu/text';

/** Prefix colours: the six that read well on light and dark, then their bright ones. */
const COLOURS = [36, 32, 33, 35, 34, 31, 96, 92, 93, 95, 94, 91];

export interface TextOptions {
  readonly timestamps: boolean;
  readonly prefix: boolean;
  readonly colours: boolean;
}

/** Lines for people: dim time, who wrote it when several do, message. Never lets a control but colours through. */
export class TextFormat implements Format {
  readonly system = true;
  readonly #options: TextOptions;
  /** The prefix of each source, by pod and container. */
  readonly #prefixes = new Map<string, string>();
  #pod: string | undefined;
  #container: string | undefined;
  #prefix = '';

  constructor(options: TextOptions) {
    this.#options = options;
  }

  sources(sources: readonly Source[]): void {
    for (const { podName, container } of sources) this.#prefixOf(podName, container);
  }

  format(entries: readonly LogEntry[]): string {
    // Before the first line of a batch is printed: whether it needs a prefix is not a question of its place in it.
    if (this.#options.prefix && this.#prefixes.size < 2) for (const entry of entries) this.#look(entry);
    let text = '';
    for (const entry of entries) text += this.#line(entry);
    return text;
  }

  #line(entry: LogEntry): string {
    const { timestamps, colours, prefix } = this.#options;
    let line = '';
    if (timestamps) {
      const time = shortTime(entry.timestamp);
      line = colours ? `\x1b[2m${time}\x1b[22m ` : `${time} `;
    }
    if (prefix) {
      this.#look(entry);
      if (this.#prefixes.size > 1) line += this.#prefix;
    }
    return `${line}${messageText(entry, colours)}\n`;
  }

  /** Finds the prefix of an entry; entries of one source mostly come in a row. */
  #look({ podName, container }: LogEntry): void {
    if (podName === this.#pod && container === this.#container) return;
    this.#pod = podName;
    this.#container = container;
    this.#prefix = podName === undefined ? '' : this.#prefixOf(podName, container);
  }

  #prefixOf(podName: string, container: string | undefined): string {
    const key = `${podName}\0${container ?? ''}`;
    let prefix = this.#prefixes.get(key);
    if (prefix !== undefined) return prefix;
    const name = terminalText(container === undefined ? podName : `${podName} ${container}`, false);
    const colour = COLOURS[this.#prefixes.size % COLOURS.length];
    prefix = this.#options.colours ? `\x1b[${colour}m${name}\x1b[39m ` : `${name} `;
    this.#prefixes.set(key, prefix);
    return prefix;
  }
}
