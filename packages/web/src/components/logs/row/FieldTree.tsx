import type { LogEntry } from '@kubidu/contracts';
import { number } from '@kubidu/text';
import { useMemo, useRef, useState } from 'react';
import type { CSSProperties, KeyboardEvent, MouseEvent } from 'react';

import type { Field } from './field.ts';
import { fieldTree } from './field-tree.ts';
import { LineText } from './LineText.tsx';
import { treeMove } from './tree-move.ts';
import { visibleFields } from './visible-fields.ts';

export interface FieldTreeProps {
  readonly entry: LogEntry;
  /** The reader wants to see only what has this value. */
  readonly onFilter?: ((term: string) => void) | undefined;
}

/**
 * The fields of an entry below its line. A tree for the keyboard too: the arrows walk, open and close; Home and End; Enter
 * filters by a value. Open at first, and forgotten when the row goes.
 */
export function FieldTree({ entry, onFilter }: FieldTreeProps) {
  const fields = useMemo(() => fieldTree(entry), [entry]);
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const [current, setCurrent] = useState(fields[0]?.id);
  const tree = useRef<HTMLDivElement>(null);
  const lines = visibleFields(fields, closed);
  if (lines.length === 0)
    return <div className="log-fields">This line has no fields after all: it is no valid JSON.</div>;

  const toggle = (id: string): void => {
    setClosed((before) => new Set(before.has(id) ? [...before].filter((one) => one !== id) : [...before, id]));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const move = treeMove(lines, closed, current, event.key);
    if (!move) return;
    event.preventDefault();
    event.stopPropagation();
    if (move.toggle !== undefined) toggle(move.toggle);
    if (move.filter !== undefined) onFilter?.(move.filter);
    if (move.to !== undefined) {
      setCurrent(move.to);
      tree.current?.querySelector<HTMLElement>(`[data-field="${move.to}"]`)?.focus();
    }
  };
  return (
    <div ref={tree} className="log-fields" role="tree" aria-label={`Fields of line ${entry.index}`}>
      {lines.map((field) => (
        <FieldLine
          key={field.id}
          field={field}
          open={field.children.length === 0 ? undefined : !closed.has(field.id)}
          tabIndex={field.id === current ? 0 : -1}
          onFocus={() => setCurrent(field.id)}
          onKeyDown={onKeyDown}
          onToggle={() => toggle(field.id)}
          onFilter={onFilter}
        />
      ))}
    </div>
  );
}

interface FieldLineProps {
  readonly field: Field;
  /** Undefined where there is nothing to open. */
  readonly open: boolean | undefined;
  readonly tabIndex: number;
  readonly onFocus: () => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
  readonly onToggle: () => void;
  readonly onFilter: ((term: string) => void) | undefined;
}

function FieldLine({ field, open, tabIndex, onFocus, onKeyDown, onToggle, onFilter }: FieldLineProps) {
  const { id, name, depth, type, text, term, more } = field;
  const filters = term !== undefined && onFilter !== undefined;
  const onClick = (event: MouseEvent): void => {
    if (isSelecting()) return;
    if (open !== undefined) onToggle();
    else if (filters && event.target instanceof Element && event.target.closest('.log-field-filter')) onFilter(term);
  };
  return (
    <div
      role="treeitem"
      aria-level={depth}
      aria-expanded={open}
      aria-selected={false}
      tabIndex={tabIndex}
      data-field={id}
      className="log-field"
      style={indent(depth)}
      onFocus={onFocus}
      onKeyDown={onKeyDown}
      onClick={onClick}
    >
      <span className="log-field-arrow" aria-hidden="true" data-open={open} />
      <bdi className="log-field-name">
        <LineText line={{ text: name, runs: [] }} />
      </bdi>
      <bdi
        className={`log-field-value log-field-${type}${filters ? ' log-field-filter' : ''}`}
        title={filters ? `Show only ${term}` : undefined}
      >
        <LineText line={{ text, runs: [] }} />
      </bdi>
      {more > 0 && <span className="log-field-more">{`${number(more)} more not shown`}</span>}
    </div>
  );
}

/** Through CSSOM, as React sets it: the policy of the page allows no style in markup. */
function indent(depth: number): CSSProperties {
  return { '--log-depth': depth } as CSSProperties;
}

/** Whether the click ends a selection: who copies a value does not want to filter by it. */
function isSelecting(): boolean {
  return getSelection()?.isCollapsed === false;
}
