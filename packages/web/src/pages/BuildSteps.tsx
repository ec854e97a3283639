import type { ReactNode } from 'react';

import { useNow } from '../components/frame/Ago.tsx';
import { durationText } from '../components/frame/duration-text.ts';
import { Icon } from '../components/frame/Icon.tsx';
import { Status } from '../components/frame/Status.tsx';
import type { BuildStep } from './build-step.ts';

/** Which section is open: a step's number, or the whole log, or none. */
export type OpenSection = number | 'all' | undefined;

/** The steps of a build as sections, one of which is open and shows what `children` draws. */
export function BuildSteps({
  steps,
  open,
  onOpen,
  children,
}: {
  readonly steps: readonly BuildStep[];
  readonly open: OpenSection;
  readonly onOpen: (section: OpenSection) => void;
  readonly children: ReactNode;
}) {
  return (
    <ol className="overflow-hidden rounded-lg border border-zinc-200 bg-white dark:border-zinc-800 dark:bg-zinc-900">
      {steps.map((step) => (
        <Section
          key={step.step}
          open={open === step.step}
          onToggle={() => onOpen(open === step.step ? undefined : step.step)}
          heading={<StepHeading step={step} />}
        >
          {children}
        </Section>
      ))}
      <Section
        open={open === 'all'}
        onToggle={() => onOpen(open === 'all' ? undefined : 'all')}
        heading={<span className="flex-1 truncate pl-6 text-sm font-medium">The whole log</span>}
      >
        {children}
      </Section>
    </ol>
  );
}

function Section({
  open,
  onToggle,
  heading,
  children,
}: {
  readonly open: boolean;
  readonly onToggle: () => void;
  readonly heading: ReactNode;
  readonly children: ReactNode;
}) {
  return (
    <li className="border-zinc-200 not-last:border-b dark:border-zinc-800">
      <h2>
        <button
          type="button"
          aria-expanded={open}
          onClick={onToggle}
          className="flex w-full items-center gap-2 px-3 py-2 text-left -outline-offset-2 hover:bg-zinc-50 dark:hover:bg-zinc-800/60"
        >
          <Icon name="chevron" className={`size-4 text-zinc-500 ${open ? 'rotate-90' : ''}`} />
          {heading}
        </button>
      </h2>
      {open && (
        <div className="h-[clamp(20rem,62dvh,60rem)] border-t border-zinc-200 dark:border-zinc-800">{children}</div>
      )}
    </li>
  );
}

function StepHeading({ step: { step, name, status, startedAt, durationMs } }: { readonly step: BuildStep }) {
  return (
    <>
      <Status name={status} bare />
      <span className="w-7 shrink-0 text-right font-mono text-xs text-zinc-600 dark:text-zinc-400">#{step}</span>
      <span className="min-w-0 flex-1 truncate font-mono text-[0.8125rem]" title={name}>
        {name}
      </span>
      {status === 'cached' && (
        <span className="shrink-0 rounded-full bg-emerald-100 px-2 text-xs text-emerald-900 dark:bg-emerald-950 dark:text-emerald-300">
          cached
        </span>
      )}
      <span className="shrink-0 text-sm text-zinc-600 tabular-nums dark:text-zinc-400">
        {durationMs !== undefined && status !== 'cached' && durationText(durationMs)}
        {status === 'started' && startedAt !== undefined && <Running since={startedAt} />}
      </span>
    </>
  );
}

function Running({ since }: { readonly since: string }) {
  const now = useNow();
  return durationText(Math.max(1_000, now - Date.parse(since)));
}
