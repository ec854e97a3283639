import { useSyncExternalStore } from 'react';

import { Icon } from '../components/frame/Icon.tsx';
import { theme, themeAfter } from './theme.ts';
import type { Theme } from './theme.ts';

const SAID: Readonly<Record<Theme, string>> = { system: 'as the system', light: 'light', dark: 'dark' };
const SHOWN = { system: 'monitor', light: 'sun', dark: 'moon' } as const;

/** Light, dark, or as the system: one button that goes round. */
export function ThemeToggle() {
  const current = useSyncExternalStore(theme.subscribe, theme.current);
  const label = `Theme: ${SAID[current]}. Change to ${SAID[themeAfter(current)]}`;
  return (
    <button
      type="button"
      title={label}
      aria-label={label}
      onClick={() => theme.choose(themeAfter(current))}
      className="grid size-8 place-items-center rounded-md text-zinc-600 hover:bg-zinc-200 dark:text-zinc-400 dark:hover:bg-zinc-800"
    >
      <Icon name={SHOWN[current]} />
    </button>
  );
}
