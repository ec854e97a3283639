import { LEVELS } from '@kubidu/contracts';
import type { ReactNode, Ref, RefObject } from 'react';

import { DownloadMenu } from './DownloadMenu.tsx';
import { FacetMenu } from './FacetMenu.tsx';
import { JumpField } from './JumpField.tsx';
import { Menu } from './Menu.tsx';
import { SearchField } from './SearchField.tsx';
import { without } from './log-actions.ts';
import type { LogActions } from './log-actions.ts';
import type { LogView, Timestamps } from './log-view.ts';
import type { LogModel, LogSnapshot } from './model/log-model.ts';
import type { Copying } from './use-copying.ts';

export interface LogToolbarProps {
  readonly model: LogModel;
  readonly snapshot: LogSnapshot;
  readonly view: LogView;
  readonly onViewChange: (view: LogView) => void;
  readonly actions: LogActions;
  readonly copy: Copying['copy'];
  readonly name: string;
  readonly searchField: Ref<HTMLInputElement>;
  readonly jumpButton: RefObject<HTMLButtonElement | null>;
}

const TIMES: Readonly<Record<Timestamps, string>> = {
  local: 'Local time',
  utc: 'UTC',
  relative: 'Age',
  off: 'No times',
};

/** What one can do to a log: search, narrow down, pause, save, and choose how it looks. */
export function LogToolbar({ model, snapshot, view, onViewChange, actions, copy, name, ...refs }: LogToolbarProps) {
  const { counts } = model.window.cache;
  const { paused, waiting } = snapshot;
  return (
    <div className="log-toolbar" role="toolbar" aria-label="Log">
      <SearchField {...{ snapshot, view, onViewChange, actions }} field={refs.searchField} />
      <div className="log-tools">
        <LevelChoice counts={counts.of('level')} {...{ view, onViewChange }} />
        <FacetMenu
          label="Pods"
          counts={counts.of('pod')}
          chosen={view.pods}
          onChoose={(pods) => onViewChange(replaced(view, 'pods', pods))}
        />
        <FacetMenu
          label="Containers"
          counts={counts.of('container')}
          chosen={view.containers}
          onChoose={(containers) => onViewChange(replaced(view, 'containers', containers))}
        />
        <Menu label="Go to" name="Go to a time" title="Key: t" button={refs.jumpButton}>
          {(close) => (
            <JumpField actions={actions} clock={view.timestamps === 'utc' ? 'utc' : 'local'} onThere={close} />
          )}
        </Menu>
        <span className="log-gap" />
        <Toggle pressed={paused} onPress={actions.togglePause} title="Space" name="log-pause">
          {paused ? `Resume${waiting > 0 ? ` (${waiting.toLocaleString('en')})` : ''}` : 'Pause'}
        </Toggle>
        <Toggle pressed={view.follow} onPress={actions.toggleFollow} title="G">
          Auto-scroll
        </Toggle>
        <Toggle pressed={view.wrap} onPress={actions.toggleWrap} title="w">
          Wrap
        </Toggle>
        <TimesChoice {...{ view, onViewChange }} />
        <DownloadMenu {...{ model, view, name, copy }} />
        <button type="button" className="log-button" onClick={actions.toggleHelp} title="Keys (?)" aria-label="Keys">
          ?
        </button>
      </div>
    </div>
  );
}

type ChoiceProps = Pick<LogToolbarProps, 'view' | 'onViewChange'>;

function LevelChoice({ view, onViewChange, counts }: ChoiceProps & { readonly counts: ReadonlyMap<string, number> }) {
  return (
    <label className="log-choice">
      <span className="log-sr">Level</span>
      <select
        value={view.level ?? ''}
        onChange={({ target }) => {
          const rest = without(view, ['level']);
          onViewChange(target.value === '' ? rest : { ...rest, level: target.value as (typeof LEVELS)[number] });
        }}
      >
        <option value="">All levels</option>
        {LEVELS.map((level) => (
          <option key={level} value={level}>
            {`${level} and above (${from(level, counts).toLocaleString('en')})`}
          </option>
        ))}
      </select>
    </label>
  );
}

function TimesChoice({ view, onViewChange }: ChoiceProps) {
  return (
    <label className="log-choice">
      <span className="log-sr">Timestamps</span>
      <select
        value={view.timestamps}
        onChange={({ target }) => onViewChange({ ...view, timestamps: target.value as Timestamps })}
      >
        {Object.entries(TIMES).map(([value, words]) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
      </select>
    </label>
  );
}

interface ToggleProps {
  readonly pressed: boolean;
  readonly onPress: () => void;
  readonly title: string;
  /** A class of its own. */
  readonly name?: string;
  readonly children: ReactNode;
}

function Toggle({ pressed, onPress, title, name = '', children }: ToggleProps) {
  return (
    <button
      type="button"
      className={`log-button ${name}`}
      aria-pressed={pressed}
      onClick={onPress}
      title={`Key: ${title}`}
    >
      {children}
    </button>
  );
}

/** How many have a level or a higher one. */
function from(least: (typeof LEVELS)[number], counts: ReadonlyMap<string, number>): number {
  return LEVELS.slice(LEVELS.indexOf(least)).reduce((sum, level) => sum + (counts.get(level) ?? 0), 0);
}

function replaced(view: LogView, key: 'pods' | 'containers', values: readonly string[]): LogView {
  return values.length === 0 ? without(view, [key]) : { ...view, [key]: values };
}
