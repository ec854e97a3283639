/** Our name and sign. */
export function Wordmark() {
  return (
    <span className="flex items-center gap-2 font-semibold tracking-tight">
      <svg viewBox="0 0 32 32" className="size-6" aria-hidden="true">
        <rect width="32" height="32" rx="7" className="fill-zinc-900 dark:fill-zinc-800" />
        <path d="M7 9h10M7 16h18M7 23h13" className="stroke-emerald-400" strokeWidth="3" strokeLinecap="round" />
        <circle cx="23" cy="9" r="2.5" className="fill-emerald-400" />
      </svg>
      Kubidu Logs
    </span>
  );
}
