import type { Deployment, StreamId } from '@kubidu/contracts';
import { useState } from 'react';
import { Link, useParams } from 'react-router';

import { Ago, useNow } from '../components/frame/Ago.tsx';
import { durationText } from '../components/frame/duration-text.ts';
import { LogViewer } from '../components/logs/LogViewer.tsx';
import { Notice } from '../components/frame/Notice.tsx';
import { PageFrame } from '../components/frame/PageFrame.tsx';
import { Status } from '../components/frame/Status.tsx';
import { usePolled } from '../data/use-polled.ts';
import { useSystemWatch } from '../data/use-system-watch.ts';
import { useClients } from '../session/session-context.ts';
import { stepsOf, stepToOpen } from './build-step.ts';
import { BuildsHealth } from './BuildsHealth.tsx';
import { BuildSteps } from './BuildSteps.tsx';
import type { OpenSection } from './BuildSteps.tsx';
import { shortId } from './DeploymentList.tsx';
import { ErrorNotice } from './ErrorNotice.tsx';
import { replicasOf } from './replica.ts';
import { rolloutOf } from './rollout.ts';
import { RolloutLine } from './RolloutLine.tsx';
import { useLogView } from './use-log-view.ts';

const EVERY_MS = 2_000;

/** A deployment: its way from the build to running pods, and the steps of its build with their lines. */
export function DeploymentDetail() {
  const { id = '' } = useParams();
  const { http } = useClients().watch;
  const { data, error } = usePolled<Deployment>(`deployment ${id}`, (signal) => http.deployment(id, signal), EVERY_MS);
  const trail = [
    { text: 'Services', to: '/' },
    ...(data === undefined ? [] : [{ text: data.serviceId, to: `/services/${encodeURIComponent(data.serviceId)}` }]),
    { text: shortId(id) },
  ];
  return (
    <PageFrame title={`Deployment ${shortId(id)}`} trail={trail}>
      {data !== undefined ? (
        <Detail key={id} deployment={data} />
      ) : error === undefined ? (
        <Notice kind="loading" title="Opening the deployment …" />
      ) : (
        <ErrorNotice error={error} what={`the deployment ${shortId(id)}`} />
      )}
    </PageFrame>
  );
}

function Detail({ deployment }: { readonly deployment: Deployment }) {
  const { deploymentId, serviceId } = deployment;
  const build = useSystemWatch(`build:${deploymentId}`);
  const runtime = useSystemWatch(`runtime:${serviceId}`);
  const steps = stepsOf(build.entries);
  const stations = rolloutOf(deployment, runtime.entries, replicasOf([], runtime.sources, runtime.entries));
  return (
    <div className="mx-auto flex w-full max-w-6xl flex-col gap-6">
      <Heading deployment={deployment} />
      <RolloutLine stations={stations} serviceId={serviceId} />
      {deployment.status === 'queued' && steps.length === 0 && (
        <>
          <BuildsHealth />
          <Notice kind="empty" title="Waiting for a worker">
            The build starts by itself as soon as one is free, and its log appears here.
          </Notice>
        </>
      )}
      {build.ready && (steps.length > 0 || deployment.status !== 'queued') && (
        <Sections key={deploymentId} stream={`build:${deploymentId}`} steps={steps} />
      )}
    </div>
  );
}

function Heading({
  deployment: { deploymentId, serviceId, status, startedAt, endedAt, createdAt, exitCode, image },
}: {
  readonly deployment: Deployment;
}) {
  const now = useNow();
  const took =
    startedAt === undefined ? undefined : (endedAt === undefined ? now : Date.parse(endedAt)) - Date.parse(startedAt);
  return (
    <div className="flex flex-col gap-1">
      <h1 className="flex flex-wrap items-center gap-x-3 text-xl font-semibold">
        <span>
          Deployment of{' '}
          <Link
            to={`/services/${encodeURIComponent(serviceId)}`}
            className="underline decoration-zinc-400 underline-offset-4"
          >
            {serviceId}
          </Link>
        </span>
        <Status name={status} />
      </h1>
      <p className="flex flex-wrap gap-x-4 text-sm text-zinc-600 dark:text-zinc-400">
        <span className="font-mono text-[0.8125rem] break-all">{deploymentId}</span>
        <span>
          queued <Ago time={createdAt} />
        </span>
        {took !== undefined && (
          <span className="tabular-nums">
            {endedAt === undefined ? 'running for' : 'took'}{' '}
            {durationText(Math.max(took, endedAt === undefined ? 1_000 : 0))}
          </span>
        )}
        {exitCode !== undefined && exitCode !== 0 && <span>exit {exitCode}</span>}
        {image !== undefined && <span className="font-mono text-[0.8125rem] break-all">{image}</span>}
      </p>
    </div>
  );
}

function Sections({ stream, steps }: { readonly stream: StreamId; readonly steps: ReturnType<typeof stepsOf> }) {
  const { logs } = useClients();
  const [view, setView] = useLogView();
  /** What one opened or closed by hand; until then the build says which section matters. */
  const [chosen, setChosen] = useState<OpenSection | 'by itself'>('by itself');
  const named: OpenSection | 'by itself' = view.step ?? (view.line === undefined ? chosen : 'all');
  const open = named === 'by itself' ? (stepToOpen(steps) ?? 'all') : named;
  const choose = (section: OpenSection): void => {
    setChosen(section);
    const { step: _step, line: _line, ...rest } = view;
    setView(typeof section === 'number' ? { ...rest, step: section } : rest);
  };
  const { step: _step, ...whole } = view;
  return (
    <BuildSteps steps={steps} open={open} onOpen={choose}>
      <LogViewer
        key={open}
        client={logs}
        stream={stream}
        view={typeof open === 'number' ? { ...view, step: open } : whole}
        onViewChange={setView}
      />
    </BuildSteps>
  );
}
