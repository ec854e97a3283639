import { useEffect } from 'react';

import type { LogActions } from './log-actions.ts';

/** The keys of a viewer and what they do, as its help lists them. */
export const SHORTCUTS: readonly { readonly keys: readonly string[]; readonly does: string }[] = [
  { keys: ['Ctrl F', '/'], does: 'search' },
  { keys: ['Esc'], does: 'leave the search' },
  { keys: ['Enter'], does: 'in the search: the match before' },
  { keys: ['n', 'N'], does: 'next match, match before' },
  { keys: ['o'], does: 'only matches, or all lines' },
  { keys: ['c'], does: 'open the match in its context' },
  { keys: ['g', 'G'], does: 'to the beginning, to the end' },
  { keys: ['t'], does: 'go to a time' },
  { keys: ['Space'], does: 'pause and go on' },
  { keys: ['w'], does: 'wrap long lines' },
  { keys: ['?'], does: 'these keys' },
];

/** Listens for the keys of a viewer, wherever the focus is save in a field that takes them itself. */
export function useShortcuts(actions: LogActions): void {
  useEffect(() => {
    const keys: Readonly<Record<string, () => void>> = {
      '/': actions.focusSearch,
      Escape: actions.leaveSearch,
      n: actions.toNext,
      N: actions.toPrevious,
      o: actions.toggleOnly,
      c: actions.openInContext,
      g: actions.toBeginning,
      G: actions.toEnd,
      t: actions.openJump,
      ' ': actions.togglePause,
      w: actions.toggleWrap,
      '?': actions.toggleHelp,
    };
    const onKeyDown = (event: KeyboardEvent) => {
      const find = event.key === 'f' && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
      const plain = !event.ctrlKey && !event.metaKey && !event.altKey && !takesKeys(event);
      const act = find ? actions.focusSearch : plain ? keys[event.key] : undefined;
      if (act === undefined || event.defaultPrevented) return;
      event.preventDefault();
      act();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, [actions]);
}

/** Whether what has the focus wants the key for itself. */
function takesKeys({ target, key }: KeyboardEvent): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.closest('dialog, [role="dialog"]') !== null) return true;
  if (target.matches('input, textarea, select')) return !target.matches('[type="checkbox"]') || key === ' ';
  return key === ' ' && target.matches('button, a, summary');
}
