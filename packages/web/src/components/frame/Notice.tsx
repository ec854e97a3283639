import type { ReactNode } from 'react';

/** What is said instead of a page, or of a part of one: why there is nothing, and what one can do. */
export interface NoticeProps {
  readonly kind: 'loading' | 'empty' | 'error';
  readonly title: string;
  readonly children?: ReactNode;
}

export function Notice({ kind, title, children }: NoticeProps) {
  return (
    <div
      role={kind === 'error' ? 'alert' : 'status'}
      className="mx-auto flex max-w-prose flex-col items-center gap-2 px-6 py-16 text-center"
    >
      {kind === 'loading' && <Spinner />}
      <p className="text-base font-medium">{title}</p>
      {children !== undefined && <div className="text-sm text-zinc-600 dark:text-zinc-400">{children}</div>}
    </div>
  );
}

function Spinner() {
  return (
    <span
      aria-hidden="true"
      className="size-5 rounded-full border-2 border-zinc-300 border-t-emerald-600 motion-safe:animate-spin dark:border-zinc-700 dark:border-t-emerald-400"
    />
  );
}

/** A command as one types it. */
export function Command({ children }: { readonly children: string }) {
  return (
    <code className="rounded bg-zinc-200 px-1.5 py-0.5 font-mono text-[0.8125rem] text-zinc-900 select-all dark:bg-zinc-800 dark:text-zinc-100">
      {children}
    </code>
  );
}
