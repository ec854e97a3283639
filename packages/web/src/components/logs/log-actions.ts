import type { LogListHandle } from './log-list-handle.ts';
import type { LogView } from './log-view.ts';
import type { LogModel } from './model/log-model.ts';
import { lowerBound } from './model/matching-rows.ts';
import { indexOf } from './model/row-space.ts';

/** What actions work on, as it was drawn last. */
export interface LogActionsOptions {
  readonly model: LogModel;
  readonly view: LogView;
  readonly onViewChange: (view: LogView) => void;
  readonly onHelp: () => void;
  readonly list: LogListHandle | null;
  readonly field: HTMLInputElement | null;
  /** The button that opens the field for a time. */
  readonly jumpButton: HTMLButtonElement | null;
}

/** How a jump to a time ended: at its line, at the end since none is of it, behind a pause, or given up on the way. */
export type Jumped = 'there' | 'end' | 'waiting' | 'dropped';

/** What keys and buttons do. Before it was given something to work on, nothing. */
export class LogActions {
  #on: LogActionsOptions | undefined;

  /** Works on this from now on. */
  use(options: LogActionsOptions): void {
    this.#on = options;
  }

  readonly change = (part: Partial<LogView>): void => this.#change((view) => ({ ...view, ...part }));

  readonly togglePause = (): void => {
    const window = this.#on?.model.window;
    if (window?.getSnapshot().paused) window.resume();
    else window?.pause();
  };

  readonly toggleOnly = (): void => this.#change((view) => ({ ...view, only: view.only !== true }));

  /** Shows only what matches `term` besides what is shown already. */
  readonly filterBy = (term: string): void =>
    this.#change((view) => ({ ...view, query: `${view.query ?? ''} ${term}`.trim(), only: true }));

  readonly toggleWrap = (): void => this.#change((view) => ({ ...view, wrap: !view.wrap }));

  readonly toggleFollow = (): void =>
    this.#change((view) => (view.follow ? { ...view, follow: false } : { ...without(view, ['line']), follow: true }));

  readonly toggleHelp = (): void => this.#on?.onHelp();

  readonly toNext = (): void => this.#step('on');

  readonly toPrevious = (): void => this.#step('back');

  /** Shows the match that is pointed at, or the first in sight, among all lines. */
  readonly openInContext = (): void =>
    this.#change((view) => {
      const matches = this.#on?.model.getSnapshot().search?.matches ?? [];
      const line = view.line ?? this.#on?.list?.top() ?? matches.at(-1);
      const rest = without(view, ['only', 'level', 'pods', 'containers', 'from', 'to']);
      return line === undefined ? view : { ...rest, line, follow: false };
    });

  readonly toBeginning = (): void => {
    const rows = this.#on?.model.getSnapshot().rows;
    this.#change((view) => ({ ...without(view, ['line']), follow: false }));
    if (rows !== undefined && rows.length > 0) this.#on?.list?.show(indexOf(rows.at(0)));
  };

  readonly toEnd = (): void => this.#change((view) => ({ ...without(view, ['line']), follow: true }));

  readonly openJump = (): void => this.#on?.jumpButton?.click();

  /**
   * Goes to the first of the lines shown that was written at a time or later, in milliseconds since 1970; where there is
   * none, to the end. Stays where the reader went meanwhile. @throws {ClientError}
   */
  readonly jumpTo = async (timeMs: number, signal: AbortSignal): Promise<Jumped> => {
    const before = this.#place();
    const line = await this.#on?.model.shownAt(timeMs, signal);
    if (this.#on === undefined || signal.aborted || this.#place() !== before) return 'dropped';
    const { paused, last } = this.#on.model.getSnapshot();
    if (line === undefined || (paused && line > last)) {
      this.#change((view) => ({ ...without(view, ['line', 'from', 'to']), follow: true }));
      if (paused) this.#on.list?.show(last);
      return line === undefined ? 'end' : 'waiting';
    }
    this.#change((view) => ({
      ...(isOutside(view, line) ? without(view, ['from', 'to']) : view),
      line,
      follow: false,
    }));
    this.#on.list?.center(line);
    this.#on.list?.focus();
    return 'there';
  };

  readonly focusSearch = (): void => {
    this.#on?.field?.focus();
    this.#on?.field?.select();
  };

  readonly leaveSearch = (): void => {
    if (this.#on?.view.query !== undefined) this.#change((view) => without(view, ['query', 'only']));
    this.#on?.list?.focus();
  };

  readonly searchHistory = (): void => this.#on?.model.searchHistory();

  readonly stopSearch = (): void => this.#on?.model.stopSearch();

  /** Shows only what was written from one time up to another, in milliseconds since 1970. */
  readonly chooseTimes = async (from: number, to: number): Promise<void> => {
    if (this.#on === undefined) return;
    const { model } = this.#on;
    const { signal } = new AbortController();
    const [first, behind] = await Promise.all([from, to].map((time) => model.indexAt(time, signal)));
    if (first === undefined) return;
    const last = behind === undefined ? {} : { to: Math.max(first, behind - 1) };
    this.#change((view) => ({ ...without(view, ['line', 'to']), from: first, ...last, follow: false }));
  };

  /** Where one reads: changes when one goes elsewhere, and not by what is written meanwhile. */
  #place(): string {
    const { view, list } = this.#on ?? {};
    return JSON.stringify([view?.line, view?.follow, view?.follow ? undefined : list?.top()]);
  }

  #change(next: (view: LogView) => LogView): void {
    if (this.#on === undefined) return;
    const view = next(this.#on.view);
    // Two changes before the next drawing are both meant.
    this.#on = { ...this.#on, view };
    this.#on.onViewChange(view);
  }

  #step(direction: 'on' | 'back'): void {
    if (this.#on === undefined) return;
    const { model, view, list } = this.#on;
    const { search, last } = model.getSnapshot();
    const matches = search?.matches ?? [];
    if (matches.length === 0) return;
    const at = view.line ?? (view.follow ? last + 1 : (list?.top() ?? last + 1));
    const place = direction === 'on' ? lowerBound(matches, at + 1) : lowerBound(matches, at) - 1;
    const line = matches[(place + matches.length) % matches.length] as number;
    this.#change((before) => ({ ...before, line, follow: false }));
    list?.show(line);
  }
}

function isOutside({ from, to }: LogView, line: number): boolean {
  return (from !== undefined && line < from) || (to !== undefined && line > to);
}

/** A view without some of what was chosen. */
export function without(view: LogView, keys: readonly (keyof LogView)[]): LogView {
  const rest: Partial<Record<keyof LogView, unknown>> = { ...view };
  for (const key of keys) delete rest[key];
  return rest as unknown as LogView;
}
