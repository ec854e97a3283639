import type { ButtonHTMLAttributes } from 'react';

const KINDS = {
  primary: 'bg-emerald-700 text-white hover:bg-emerald-800 disabled:bg-zinc-500',
  quiet: 'border border-zinc-300 hover:bg-zinc-100 dark:border-zinc-700 dark:hover:bg-zinc-800',
} as const;

/** A button with words on it. */
export function Button({
  kind,
  type = 'button',
  ...rest
}: ButtonHTMLAttributes<HTMLButtonElement> & { readonly kind: keyof typeof KINDS }) {
  return <button {...rest} type={type} className={`rounded-md px-3 py-2 text-sm font-medium ${KINDS[kind]}`} />;
}
