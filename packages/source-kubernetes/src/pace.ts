import { nanosecondsBetween } from './stamped-line.ts';
import type { StampedLine } from './stamped-line.ts';

/** Bytes that a file has for a line beside its message: its stamp, and whose output it is. */
const BESIDE_BYTES = 40;

/** Seconds over which a pace is averaged. */
const MEMORY_S = 10;

/** How fast a container writes: averaged over some ten seconds of its own clock, updated once a second. */
export class Pace {
  #since = '';
  /** The second of `#since`. */
  #second = '';
  #lines = 0;
  #bytes = 0;
  #linesPerSecond = 0;
  #bytesPerSecond = 0;
  #sure = false;

  take({ timestamp, second, message }: StampedLine): void {
    if (this.#since === '') this.#begin(timestamp, second);
    if (second !== this.#second) this.#settle(timestamp, second);
    this.#lines++;
    this.#bytes += message.length + BESIDE_BYTES;
  }

  /** Lines and bytes that would have come from `from` to `to` at the pace held so far; undefined while that is unknown. */
  expected(from: string, to: string): { readonly lines: number; readonly bytes: number } | undefined {
    if (!this.#sure) return undefined;
    const seconds = Math.max(nanosecondsBetween(from, to) / 1e9, 0);
    const idle = Math.max(nanosecondsBetween(this.#since, from) / 1e9 - 1, 0);
    const fading = Math.exp(-idle / MEMORY_S) * seconds;
    return { lines: this.#linesPerSecond * fading, bytes: this.#bytesPerSecond * fading };
  }

  #begin(time: string, second: string): void {
    this.#since = time;
    this.#second = second;
  }

  #settle(time: string, second: string): void {
    const seconds = nanosecondsBetween(this.#since, time) / 1e9;
    if (seconds <= 0) return;
    const weight = this.#sure ? 1 - Math.exp(-seconds / MEMORY_S) : 1;
    this.#linesPerSecond += (this.#lines / seconds - this.#linesPerSecond) * weight;
    this.#bytesPerSecond += (this.#bytes / seconds - this.#bytesPerSecond) * weight;
    this.#sure = true;
    this.#begin(time, second);
    this.#lines = 0;
    this.#bytes = 0;
  }
}
