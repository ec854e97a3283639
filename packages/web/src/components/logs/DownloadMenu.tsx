import { useRef, useState } from 'react';

import { Menu } from './Menu.tsx';
import { downloaded, save, withPrefix } from './log-download.ts';
import type { DownloadFormat, DownloadScope, Progress } from './log-download.ts';
import type { LogView } from './log-view.ts';
import type { LogModel } from './model/log-model.ts';
import { selectedRows } from './selected-rows.ts';
import type { Copying } from './use-copying.ts';

export interface DownloadMenuProps {
  readonly model: LogModel;
  readonly view: LogView;
  /** What the file is called, without what says its format. */
  readonly name: string;
  readonly copy: Copying['copy'];
}

const CHOICES: readonly { scope: DownloadScope; format: DownloadFormat; words: string }[] = [
  { scope: 'shown', format: 'log', words: 'What is shown, as text (.log)' },
  { scope: 'shown', format: 'ndjson', words: 'What is shown, as JSON (.ndjson)' },
  { scope: 'everything', format: 'log', words: 'Everything, as text (.log)' },
  { scope: 'everything', format: 'ndjson', words: 'Everything, as JSON (.ndjson)' },
];

function progressText(progress: Progress): string {
  return 'lines' in progress
    ? `${progress.lines.toLocaleString('en')} lines…`
    : `${(progress.bytes / 1e6).toLocaleString('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 })} MB…`;
}

/** Saves lines as a file, or copies those that are selected with their times and pods. */
export function DownloadMenu({ model, view, name, copy }: DownloadMenuProps) {
  const [state, setState] = useState('');
  const running = useRef<AbortController>(undefined);
  const start = async (scope: DownloadScope, format: DownloadFormat) => {
    running.current?.abort();
    const { signal } = (running.current = new AbortController());
    try {
      const tell = (progress: Progress) => setState(progressText(progress));
      save(await downloaded(model, view, { scope, format }, tell, signal), `${name}.${format}`);
      setState('');
    } catch (error) {
      if (!signal.aborted) setState(`Not saved: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  const copyWithPrefix = () => {
    const copied = selectedRows(model.getSnapshot().rows, withPrefix);
    if (copied !== undefined) copy(copied, (text) => navigator.clipboard.writeText(text));
  };
  return (
    <Menu label={state === '' ? 'Download' : state} name="Download">
      {(close) => (
        <div className="log-items" role="group" aria-label="Download">
          {CHOICES.map(({ scope, format, words }) => (
            <button
              key={words}
              type="button"
              onClick={() => {
                close();
                start(scope, format).catch((error: unknown) => setState(String(error)));
              }}
            >
              {words}
            </button>
          ))}
          <button
            type="button"
            onClick={() => {
              close();
              copyWithPrefix();
            }}
          >
            Copy selection with times and pods
          </button>
        </div>
      )}
    </Menu>
  );
}
