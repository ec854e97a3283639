import type { ReactNode } from 'react';

import { Notice } from '../components/frame/Notice.tsx';
import { Wordmark } from '../components/frame/Wordmark.tsx';
import { ExpiredDialog } from './ExpiredDialog.tsx';
import { useSessionState } from './session-context.ts';
import { SignInForm } from './SignInForm.tsx';

/** Shows what is inside to those who are signed in, and to everybody else why not. */
export function SessionGate({ children }: { readonly children: ReactNode }) {
  const state = useSessionState();
  switch (state.phase) {
    case 'checking':
      return <Notice kind="loading" title="Connecting …" />;
    case 'away':
      return (
        <Notice kind="error" title="The server does not answer">
          It may be starting, or the network is away. This page tries again every two seconds.
        </Notice>
      );
    case 'signed-out':
      return <SignIn />;
    case 'signed-in':
      return (
        <>
          {children}
          {state.expired && <ExpiredDialog />}
        </>
      );
  }
}

function SignIn() {
  return (
    <main className="grid min-h-dvh place-items-center p-4">
      <div className="w-full max-w-sm rounded-xl border border-zinc-200 bg-white p-6 shadow-sm dark:border-zinc-800 dark:bg-zinc-900">
        <Wordmark />
        <h1 className="mt-6 text-xl font-semibold">Sign in</h1>
        <p className="mt-1 mb-6 text-sm text-zinc-600 dark:text-zinc-400">This server shows logs to those it knows.</p>
        <SignInForm />
      </div>
    </main>
  );
}
