import { ClientError } from '@kubidu/client';
import { useId, useState } from 'react';
import type { FormEvent } from 'react';

import { Button } from '../components/frame/Button.tsx';
import { useSession } from './session-context.ts';

/** Takes a token and goes on with it. The token is in this field, then in the session; never in the address. */
export function SignInForm() {
  const session = useSession();
  const field = useId();
  const hint = useId();
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);

  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    const token = textOf(given.get('token')).replace(/^bearer\s+/i, '');
    if (token === '') return setProblem('Paste a token first.');
    setBusy(true);
    setProblem(undefined);
    try {
      await session.signIn(token, { keep: given.get('keep') !== null });
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      setBusy(false);
    }
  };

  return (
    <form onSubmit={submit} className="flex flex-col gap-4" noValidate>
      <div className="flex flex-col gap-1.5">
        <label htmlFor={field} className="text-sm font-medium">
          Access token
        </label>
        <input
          id={field}
          name="token"
          type="password"
          autoComplete="off"
          spellCheck={false}
          aria-describedby={hint}
          aria-invalid={problem !== undefined}
          className="rounded-md border border-zinc-400 bg-white px-3 py-2 font-mono text-sm dark:border-zinc-600 dark:bg-zinc-950"
        />
        <p id={hint} role={problem === undefined ? undefined : 'alert'} className={problem === undefined ? QUIET : RED}>
          {problem ?? 'The one that you use with kubidu login. It stays in this tab.'}
        </p>
      </div>
      <label className="flex items-center gap-2 text-sm">
        <input name="keep" type="checkbox" className="size-4 accent-emerald-700" />
        Keep me signed in on this device
      </label>
      <Button kind="primary" type="submit" disabled={busy}>
        {busy ? 'Checking …' : 'Sign in'}
      </Button>
    </form>
  );
}

const QUIET = 'text-sm text-zinc-600 dark:text-zinc-400';
const RED = 'text-sm text-red-700 dark:text-red-400';

function textOf(value: FormDataEntryValue | null): string {
  return typeof value === 'string' ? value.trim() : '';
}

function problemOf(error: unknown): string {
  if (error instanceof ClientError && error.code === 'UNAUTHENTICATED')
    return 'The server does not accept this token. It may have expired, or belong to another server.';
  if (error instanceof ClientError && error.code === 'UNREACHABLE')
    return 'The server does not answer. Try again in a moment.';
  return error instanceof Error ? error.message : String(error);
}
