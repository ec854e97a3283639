import type { LogEvent } from '@kubidu/contracts';
import type { BuildOutput, SourceLine } from '@kubidu/core';

/** A line as a builder handed it over. */
export interface RecordedLine extends SourceLine {
  readonly stream?: 'stdout' | 'stderr';
  readonly step?: number;
}

/** What a builder hands over, kept in memory. */
export class RecordedOutput implements BuildOutput {
  readonly recorded: RecordedLine[] = [];
  readonly events: LogEvent[] = [];
  /** Lines and events in the order in which they came. */
  readonly all: (RecordedLine | LogEvent)[] = [];
  /** Awaited by `ready`; settable to hold the builder up. */
  held: Promise<void> = Promise.resolve();

  lines(lines: readonly SourceLine[], stream?: 'stdout' | 'stderr', step?: number): void {
    const taken = lines.map((line) => ({
      ...line,
      ...(stream && { stream }),
      ...(step !== undefined && { step }),
    }));
    for (const line of taken) {
      this.recorded.push(line);
      this.all.push(line);
    }
  }

  event(event: LogEvent): void {
    this.events.push(event);
    this.all.push(event);
  }

  ready(): Promise<void> {
    return this.held;
  }

  /** What was written to an output, without what the builder says itself. */
  messages(stream: 'stdout' | 'stderr'): string[] {
    return this.recorded.filter((line) => line.stream === stream).map(({ message }) => message);
  }

  /** The steps' ends, like `5 succeeded [2/3] RUN true`. */
  get ends(): string[] {
    return this.events.flatMap((event) =>
      event.type === 'build-step' && event.status !== 'started' ? [`${event.step} ${event.status} ${event.name}`] : [],
    );
  }
}
