import type { Deployment } from '@kubidu/contracts';
import { useId, useState } from 'react';

import { Ago } from '../components/frame/Ago.tsx';
import { Icon } from '../components/frame/Icon.tsx';
import { Status } from '../components/frame/Status.tsx';
import { BuildsHealth } from './BuildsHealth.tsx';
import { DeploymentList } from './DeploymentList.tsx';
import { SidePart } from './SidePart.tsx';

/** A service's deployments beside its log; where there is no room beside it, behind a button that says how the latest does. */
export function DeploymentsPart({ deployments }: { readonly deployments: readonly Deployment[] }) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const [latest] = deployments;
  return (
    <SidePart title="Deployments">
      <button
        type="button"
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpen(!open)}
        className="flex items-center gap-2 rounded-md border border-zinc-200 px-2.5 py-1.5 text-left text-sm hover:bg-zinc-100 lg:hidden dark:border-zinc-800 dark:hover:bg-zinc-800"
      >
        <Icon name="chevron" className={open ? 'size-4 rotate-90' : 'size-4'} />
        <span className="flex-1">Deployments</span>
        {latest === undefined ? (
          <span className="text-zinc-600 dark:text-zinc-400">none</span>
        ) : (
          <>
            <Status name={latest.status} />
            <span className="text-zinc-600 dark:text-zinc-400">
              <Ago time={latest.createdAt} />
            </span>
          </>
        )}
      </button>
      <div
        id={id}
        className={`flex-col gap-2 max-lg:max-h-[40dvh] max-lg:overflow-y-auto lg:flex ${open ? 'flex' : 'hidden'}`}
      >
        {deployments.length === 0 ? (
          <>
            <p className="text-sm text-zinc-600 dark:text-zinc-400">None was built here.</p>
            <BuildsHealth />
          </>
        ) : (
          <DeploymentList deployments={deployments} names="deployment" />
        )}
      </div>
    </SidePart>
  );
}
