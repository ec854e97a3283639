import type { LogsClient } from '@kubidu/client';
import type { StreamId } from '@kubidu/contracts';
import { useEffect, useRef, useState } from 'react';

import { EmptyLog } from './EmptyLog.tsx';
import { KeyHelp } from './KeyHelp.tsx';
import { LogHistogram } from './LogHistogram.tsx';
import { LogList } from './LogList.tsx';
import type { LogListHandle } from './log-list-handle.ts';
import { LogStatus } from './LogStatus.tsx';
import { LogToolbar } from './LogToolbar.tsx';
import { SearchProgress } from './SearchProgress.tsx';
import type { LogView } from './log-view.ts';
import { without } from './log-actions.ts';
import type { LogModel, LogSnapshot } from './model/log-model.ts';
import { useCopying } from './use-copying.ts';
import { useLogActions } from './use-log-actions.ts';
import { useCalmSnapshot, useLogModel } from './use-log-model.ts';
import { useNow } from './use-now.ts';
import { useOwnView } from './use-own-view.ts';
import { useShortcuts } from './use-shortcuts.ts';
import './viewer.css';

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
export function LogViewer({ client, stream, view, onViewChange }: LogViewerProps) {
  const [own, change] = useOwnView(view, onViewChange);
  const model = useLogModel(client, stream, own);
  return (
    <section aria-label={`Log of ${stream}`} className="log-viewer">
      {model === undefined ? null : <OpenLog key={stream} {...{ model, stream }} view={own} onViewChange={change} />}
    </section>
  );
}

interface OpenLogProps {
  readonly model: LogModel;
  readonly stream: StreamId;
  readonly view: LogView;
  readonly onViewChange: (view: LogView) => void;
}

function OpenLog({ model, stream, view, onViewChange }: OpenLogProps) {
  const snapshot = useCalmSnapshot(model);
  const nowMs = useNow(1_000);
  const list = useRef<LogListHandle>(null);
  const field = useRef<HTMLInputElement>(null);
  const jumpButton = useRef<HTMLButtonElement>(null);
  const [help, setHelp] = useState(false);
  const onHelp = () => setHelp((open) => !open);
  const actions = useLogActions({ model, view, onViewChange, onHelp }, list, field, jumpButton);
  const copying = useCopying(model);
  useShortcuts(actions);
  usePointedLine(snapshot.rows.length > 0, view.line, list);
  return (
    <>
      <LogToolbar
        {...{ model, snapshot, view, onViewChange, actions }}
        copy={copying.copy}
        name={stream.replace(':', '-')}
        searchField={field}
        jumpButton={jumpButton}
      />
      <SearchProgress snapshot={snapshot} actions={actions} />
      <LogHistogram {...{ model, snapshot }} onChoose={actions.chooseTimes} />
      <ChosenRange {...{ snapshot, view, onViewChange }} />
      {snapshot.rows.length === 0 ? (
        <EmptyLog snapshot={snapshot} view={view} onViewChange={onViewChange} />
      ) : (
        <LogList {...{ model, view, nowMs, onViewChange, copying }} onFilter={actions.filterBy} handle={list} />
      )}
      <LogStatus snapshot={snapshot} nowMs={nowMs} onRetry={() => model.window.retry()} />
      {help && <KeyHelp onClose={() => setHelp(false)} />}
    </>
  );
}

/** Says that only a stretch of the log is shown, and lets one leave it. */
function ChosenRange({
  snapshot,
  view,
  onViewChange,
}: Pick<OpenLogProps, 'view' | 'onViewChange'> & { readonly snapshot: LogSnapshot }) {
  const { from = 1, to = snapshot.last } = view;
  if (view.from === undefined && view.to === undefined) return null;
  return (
    <div className="log-progress">
      {`Only lines ${from.toLocaleString('en')} to ${to.toLocaleString('en')}`}
      <button type="button" className="log-button" onClick={() => onViewChange(without(view, ['from', 'to']))}>
        Show all
      </button>
    </div>
  );
}

/** Brings the line of the address into the middle, at first and whenever it is another one. */
function usePointedLine(
  ready: boolean,
  line: number | undefined,
  list: { readonly current: LogListHandle | null },
): void {
  useEffect(() => {
    if (ready && line !== undefined) list.current?.show(line);
  }, [ready, line, list]);
}
