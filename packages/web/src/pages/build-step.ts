import type { LogEntry } from '@kubidu/contracts';

/** One step of a build as its log tells of it. */
export interface BuildStep {
  readonly step: number;
  readonly name: string;
  readonly status: 'started' | 'cached' | 'succeeded' | 'failed' | 'cancelled';
  /** When it began, where that was told. */
  readonly startedAt?: string;
  readonly durationMs?: number;
}

/** The steps of a build in the order of their numbers, each as it was told of last. */
export function stepsOf(entries: readonly LogEntry[]): BuildStep[] {
  const steps = new Map<number, BuildStep>();
  for (const { event, timestamp } of entries) {
    if (event?.type !== 'build-step') continue;
    const before = steps.get(event.step);
    const startedAt = before?.startedAt ?? (event.status === 'started' ? timestamp : undefined);
    steps.set(event.step, {
      step: event.step,
      name: event.name,
      status: event.status,
      ...(startedAt !== undefined && { startedAt }),
      ...(event.durationMs !== undefined && { durationMs: event.durationMs }),
    });
  }
  return [...steps.values()].sort((a, b) => a.step - b.step);
}

/** The step that one wants to see first: the one that failed, else the newest that runs; none in a build that went well. */
export function stepToOpen(steps: readonly BuildStep[]): number | undefined {
  const failed = steps.find(({ status }) => status === 'failed');
  return (failed ?? steps.findLast(({ status }) => status === 'started'))?.step;
}
