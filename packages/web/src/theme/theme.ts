const KEY = 'kubidu-theme';

/** Light or dark, or whatever the system prefers. */
export type Theme = 'system' | 'light' | 'dark';
const THEMES: readonly Theme[] = ['system', 'light', 'dark'];

/** The theme of the document: kept on this device, written to `data-theme`, which the style sheet goes by. */
class ThemeChoice {
  readonly #listeners = new Set<() => void>();
  readonly #preference = window.matchMedia('(prefers-color-scheme: dark)');
  #theme: Theme = 'system';

  /** Applies what was chosen before, and follows the system from now on. */
  start(): void {
    const kept = THEMES.find((theme) => theme === read());
    this.#preference.addEventListener('change', () => this.#apply());
    this.choose(kept ?? 'system');
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly current = (): Theme => this.#theme;

  choose(theme: Theme): void {
    this.#theme = theme;
    try {
      if (theme === 'system') localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, theme);
    } catch {
      // A browser that keeps nothing asks again next time.
    }
    this.#apply();
    for (const listener of this.#listeners) listener();
  }

  #apply(): void {
    const dark = this.#theme === 'dark' || (this.#theme === 'system' && this.#preference.matches);
    document.documentElement.dataset['theme'] = dark ? 'dark' : 'light';
    document.documentElement.style.colorScheme = dark ? 'dark' : 'light';
  }
}

function read(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

export const theme = new ThemeChoice();

/** Which theme comes after this one. */
export function themeAfter(current: Theme): Theme {
  return THEMES[(THEMES.indexOf(current) + 1) % THEMES.length] ?? 'system';
}
