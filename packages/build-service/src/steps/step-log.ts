import { LineFramer, toUtc } from '@kubidu/core';
import type { BuildOutput, SourceLine } from '@kubidu/core';

/** Most lines that an output takes at once. */
const LINES_AT_ONCE = 500;

/** Lines that are remembered to say why a step failed. */
const LAST_LINES = 5;

const CLIPPED = /^\[output clipped, log limit \S+ reached\]$/;

/** Whether the builder says that it keeps no more of this step's output, whatever comes. */
const isClipped = (message: string): boolean => message.startsWith('[') && CLIPPED.test(message);

const CLIPPED_REASON =
  'BuildKit keeps only so much of what a step writes: set BUILDKIT_STEP_LOG_MAX_SIZE and BUILDKIT_STEP_LOG_MAX_SPEED to 2147483647 for the Docker daemon';

/** One output of one step: its bytes become lines, each with the time of the chunk in which it began. */
export class StepLog {
  readonly #framer = new LineFramer();
  readonly #output: BuildOutput;
  readonly #stream: 'stdout' | 'stderr';
  readonly #step: number;
  #begun = '';
  #last: readonly SourceLine[] = [];

  constructor(output: BuildOutput, stream: 'stdout' | 'stderr', step: number) {
    this.#output = output;
    this.#stream = stream;
    this.#step = step;
  }

  /** Its newest lines, a few. */
  get last(): string {
    return this.#last.map(({ message }) => message).join('\n');
  }

  /** @param timestamp RFC 3339, of the chunk */
  push(chunk: Buffer, timestamp: string): void {
    const at = toUtc(timestamp);
    const lines: SourceLine[] = [];
    if (this.#framer.unfinishedBytes === 0) this.#begun = at;
    this.#framer.push(chunk, (message, truncated) => {
      lines.push({ timestamp: this.#begun, message, ...(truncated > 0 && { truncated }) });
      this.#begun = at;
    });
    this.#give(lines);
  }

  /** The step ended: its last line may lack a line feed. */
  end(): void {
    const lines: SourceLine[] = [];
    this.#framer.end((message, truncated) => {
      lines.push({ timestamp: this.#begun, message, ...(truncated > 0 && { truncated }) });
    });
    this.#give(lines);
  }

  #give(lines: readonly SourceLine[]): void {
    if (lines.length > 0) this.#last = [...this.#last, ...lines.slice(-LAST_LINES)].slice(-LAST_LINES);
    for (let from = 0; from < lines.length; from += LINES_AT_ONCE)
      this.#output.lines(lines.slice(from, from + LINES_AT_ONCE), this.#stream, this.#step);
    const clipped = lines.find(({ message }) => isClipped(message));
    if (clipped) this.#output.event({ type: 'lost', reason: CLIPPED_REASON }, clipped.timestamp);
  }
}
