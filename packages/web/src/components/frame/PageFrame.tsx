import { useEffect } from 'react';
import type { ReactNode } from 'react';
import { Link } from 'react-router';

import { useSession, useSessionState } from '../../session/session-context.ts';
import { ThemeToggle } from '../../theme/ThemeToggle.tsx';
import { Icon } from './Icon.tsx';
import { Wordmark } from './Wordmark.tsx';

/** What every page has around it. */
export interface PageFrameProps {
  /** Name of the page, for the tab and for those who hear it. */
  readonly title: string;
  /** Where it is below the services; the last one is the page itself. */
  readonly trail?: readonly { readonly text: string; readonly to?: string }[];
  /** Whether the page fills the window and scrolls inside, as one with a viewer does. */
  readonly fills?: boolean;
  readonly children: ReactNode;
}

export function PageFrame({ title, trail = [], fills = false, children }: PageFrameProps) {
  useEffect(() => {
    document.title = `${title} · Kubidu Logs`;
  }, [title]);
  return (
    <div className={`flex flex-col ${fills ? 'h-dvh' : 'min-h-dvh'}`}>
      <a
        href="#content"
        className="sr-only rounded bg-white px-3 py-2 text-zinc-900 focus:not-sr-only focus:absolute focus:z-50"
      >
        Skip to the content
      </a>
      <header className="flex h-12 shrink-0 items-center gap-2 border-b border-zinc-200 bg-white px-3 sm:gap-3 sm:px-4 dark:border-zinc-800 dark:bg-zinc-950">
        <Link to="/" className="shrink-0 rounded" aria-label="Kubidu Logs: all services">
          <Wordmark />
        </Link>
        <Trail trail={trail} />
        <Account />
        <ThemeToggle />
      </header>
      <main
        id="content"
        tabIndex={-1}
        className={`flex min-h-0 flex-1 flex-col outline-none ${fills ? '' : 'p-4 sm:p-6'}`}
      >
        {children}
      </main>
    </div>
  );
}

function Trail({ trail }: { readonly trail: NonNullable<PageFrameProps['trail']> }) {
  return (
    <nav aria-label="Where this is" className="min-w-0 flex-1">
      <ol className="flex items-center gap-1.5 text-sm">
        {trail.map(({ text, to }, place) => (
          <li
            key={text}
            className={`flex min-w-0 items-center gap-1.5 ${place < trail.length - 1 ? 'max-sm:hidden' : ''}`}
            aria-current={place === trail.length - 1 ? 'page' : undefined}
          >
            <Icon name="chevron" className="size-3.5 text-zinc-400" />
            {to === undefined ? (
              <span className="truncate font-medium">{text}</span>
            ) : (
              <Link to={to} className="truncate text-zinc-600 hover:underline dark:text-zinc-400">
                {text}
              </Link>
            )}
          </li>
        ))}
      </ol>
    </nav>
  );
}

function Account() {
  const session = useSession();
  const state = useSessionState();
  if (state.phase !== 'signed-in' || state.me.authentication === 'off') return null;
  return (
    <div className="flex min-w-0 items-center gap-1 text-sm text-zinc-600 dark:text-zinc-400">
      <span className="max-w-40 truncate max-sm:sr-only">{state.me.subject}</span>
      <button
        type="button"
        aria-label="Sign out"
        title="Sign out"
        onClick={() => session.signOut()}
        className="grid size-8 place-items-center rounded-md hover:bg-zinc-200 dark:hover:bg-zinc-800"
      >
        <Icon name="out" />
      </button>
    </div>
  );
}
