import { useId } from 'react';
import type { ReactNode } from 'react';

/** One part of what stands beside a log; its title is left out where there is little room. */
export function SidePart({
  title,
  said,
  children,
}: {
  readonly title: string;
  readonly said?: string | undefined;
  readonly children: ReactNode;
}) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="flex flex-col gap-2">
      <div className="flex items-baseline justify-between gap-2 max-lg:sr-only">
        <h2 id={id} className="text-sm font-semibold">
          {title}
        </h2>
        {said !== undefined && <span className="text-xs text-zinc-600 dark:text-zinc-400">{said}</span>}
      </div>
      {children}
    </section>
  );
}
