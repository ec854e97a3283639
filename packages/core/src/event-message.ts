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
    case 'lost':
      return `${event.lines === undefined ? '' : `${event.lines} `}${event.lines === 1 ? 'line' : 'lines'} lost (${event.reason})`;
  }
}
