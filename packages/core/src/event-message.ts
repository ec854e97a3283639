import type { LogEvent } from '@kubidu/contracts';

/** The event in words, for readers that show messages only. */
export function eventMessage(event: LogEvent): string {
  switch (event.type) {
    case 'container-started':
      return event.restart ? `container started again (restart ${event.restart})` : 'container started';
    case 'container-exited': {
      const signal = event.signal === undefined ? '' : `, signal ${event.signal}`;
      return `container exited with code ${event.exitCode} (${event.reason}${signal})`;
    }
    case 'pod-deleted':
      return 'pod deleted';
    case 'build-step':
      return `step ${event.step}${event.total === undefined ? '' : ` of ${event.total}`} ${event.status}${took(event.durationMs)}: ${event.name}`;
    case 'build-finished': {
      const code = event.exitCode === undefined || event.exitCode === 0 ? '' : ` with exit code ${event.exitCode}`;
      return `build ${event.status}${code}${event.image === undefined ? '' : `: ${event.image}`}`;
    }
    case 'release':
      return `release ${event.deploymentId}`;
    case 'lost':
      return `${event.lines === undefined ? '' : `${event.lines} `}${event.lines === 1 ? 'line' : 'lines'} lost (${event.reason})`;
  }
}

function took(durationMs: number | undefined): string {
  return durationMs === undefined ? '' : ` in ${(durationMs / 1_000).toFixed(1)} s`;
}
