import type { VertexStatus } from './solve-status.ts';

/** Pause between two lines about the same thing, in milliseconds: as plain progress does it. */
const PAUSE_MS = 5_000;

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** Which of BuildKit's many statuses are worth a line, in its own words: each once when it is done, before that every 5 s. */
export class VertexProgress {
  readonly #told = new Map<string, number>();

  /** The line, undefined where there is none. */
  lineOf(status: VertexStatus): string | undefined {
    const key = `${status.vertex} ${status.id}`;
    const last = this.#told.get(key) ?? Date.parse(status.started ?? status.timestamp);
    const at = Date.parse(status.completed ?? status.timestamp);
    if (last === Infinity || (status.completed === undefined && at - last < PAUSE_MS)) return undefined;
    this.#told.set(key, status.completed === undefined ? at : Infinity);
    const seconds = status.started === undefined ? 0 : (at - Date.parse(status.started)) / 1_000;
    return [
      status.id,
      amount(status),
      seconds > 0.01 ? `${seconds.toFixed(1)}s` : '',
      status.completed === undefined ? '' : 'done',
    ]
      .filter((part) => part !== '')
      .join(' ');
  }
}

function amount({ current, total = 0 }: VertexStatus): string {
  if (total !== 0) return `${bytes(current)} / ${bytes(total)}`;
  return current === 0 ? '' : bytes(current);
}

function bytes(count: number): string {
  let value = count;
  let unit = 0;
  while (value >= 1_000 && unit < UNITS.length - 1) {
    value /= 1_000;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(2)}${UNITS[unit]}`;
}
