import { useEffect } from 'react';
import type { KeyboardEvent, Ref } from 'react';

import type { LogView } from './log-view.ts';
import type { LogSnapshot, Search } from './model/log-model.ts';
import { without } from './log-actions.ts';
import type { LogActions } from './log-actions.ts';

/** How long one has to have stopped typing before the whole history is searched, in milliseconds. */
const PAUSE_MS = 500;

export interface SearchFieldProps {
  readonly snapshot: LogSnapshot;
  readonly view: LogView;
  readonly onViewChange: (view: LogView) => void;
  readonly actions: LogActions;
  readonly field: Ref<HTMLInputElement>;
}

/** Searches while one types: at once in what is at hand, then back through the history, which can be stopped. */
export function SearchField({ snapshot, view, onViewChange, actions, field }: SearchFieldProps) {
  const { search, queryError } = snapshot;
  const query = view.query ?? '';
  const change = (text: string) =>
    onViewChange(text === '' ? without(view, ['query', 'only']) : { ...view, query: text });
  const { searchHistory } = actions;
  useEffect(() => {
    if (query.trim() === '') return;
    const timer = setTimeout(searchHistory, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [query, searchHistory]);
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key === 'Enter') (event.shiftKey ? actions.toNext : actions.toPrevious)();
    else if (event.key === 'Escape') actions.leaveSearch();
    else return;
    event.preventDefault();
  };
  return (
    <div className="log-search" role="search">
      <input
        ref={field}
        type="search"
        className="log-search-input"
        aria-label="Search"
        aria-invalid={queryError !== undefined}
        aria-describedby={queryError === undefined ? undefined : 'log-query-error'}
        placeholder="Search  —  words, /regex/, level:error, field:value"
        spellCheck={false}
        autoComplete="off"
        value={query}
        onChange={({ target }) => change(target.value)}
        onKeyDown={onKeyDown}
      />
      {query !== '' && (
        <Found {...{ view, actions }} words={queryError === undefined ? foundText(search, view.line) : ''} />
      )}
      {queryError !== undefined && (
        <p className="log-query-error" id="log-query-error" role="alert">
          {queryError.message}
        </p>
      )}
    </div>
  );
}

interface FoundProps {
  readonly view: LogView;
  readonly actions: LogActions;
  readonly words: string;
}

function Found({ view, actions, words }: FoundProps) {
  return (
    <>
      <span className="log-found">{words}</span>
      <button
        type="button"
        className="log-button"
        onClick={actions.toPrevious}
        aria-label="Previous match"
        title="Key: N"
      >
        ↑
      </button>
      <button type="button" className="log-button" onClick={actions.toNext} aria-label="Next match" title="Key: n">
        ↓
      </button>
      <button
        type="button"
        className="log-button"
        aria-pressed={view.only === true}
        onClick={actions.toggleOnly}
        title="Show only the lines that match. Key: o"
      >
        Only matches
      </button>
    </>
  );
}

/** `3 of 41`, with a plus while there may be more. */
function foundText(search: Search | undefined, line: number | undefined): string {
  if (search === undefined) return '';
  const { matches, complete } = search;
  const all = `${matches.length.toLocaleString('en')}${complete ? '' : '+'}`;
  const place = line === undefined ? -1 : matches.indexOf(line);
  return place < 0 ? `${all} found` : `${(place + 1).toLocaleString('en')} of ${all}`;
}
