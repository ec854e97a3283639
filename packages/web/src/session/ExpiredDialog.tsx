import { useEffect, useRef, useState } from 'react';

import { SignInForm } from './SignInForm.tsx';

/**
 * Over the page, while its token is over: what is behind stays as it is and goes on after signing in. Put away with
 * Escape, it leaves a button to come back to.
 */
export function ExpiredDialog() {
  const dialog = useRef<HTMLDialogElement>(null);
  const [away, setAway] = useState(false);
  useEffect(() => {
    const shown = dialog.current;
    if (away) return;
    shown?.showModal();
    return () => shown?.close();
  }, [away]);
  return (
    <>
      <dialog
        ref={dialog}
        aria-labelledby="expired-title"
        onCancel={() => setAway(true)}
        className="m-auto w-[min(26rem,calc(100vw-2rem))] rounded-xl border border-zinc-300 bg-white p-6 text-zinc-900 shadow-2xl backdrop:bg-zinc-950/60 dark:border-zinc-700 dark:bg-zinc-900 dark:text-zinc-100"
      >
        <h2 id="expired-title" className="text-lg font-semibold">
          Your sign-in has expired
        </h2>
        <p className="mt-1 mb-5 text-sm text-zinc-600 dark:text-zinc-400">
          Sign in again to go on. Everything stays where it is, and no line is missed. Escape lets you read on what is
          there.
        </p>
        <SignInForm />
      </dialog>
      {away && (
        <button
          type="button"
          onClick={() => setAway(false)}
          className="fixed bottom-12 left-1/2 z-40 -translate-x-1/2 rounded-full bg-amber-300 px-4 py-2 text-sm font-medium text-zinc-950 shadow-lg hover:bg-amber-200"
        >
          Your sign-in has expired · Sign in again
        </button>
      )}
    </>
  );
}
