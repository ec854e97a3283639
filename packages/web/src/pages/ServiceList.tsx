import type { Deployment, Service, StreamInfo } from '@kubidu/contracts';
import { idOf } from '@kubidu/contracts';
import { useMemo, useState } from 'react';
import { Link } from 'react-router';

import { Ago } from '../components/frame/Ago.tsx';
import { countText } from '../components/frame/count-text.ts';
import { Command, Notice } from '../components/frame/Notice.tsx';
import { PageFrame } from '../components/frame/PageFrame.tsx';
import { Status } from '../components/frame/Status.tsx';
import { usePolled } from '../data/use-polled.ts';
import { useClients } from '../session/session-context.ts';
import { DeploymentList } from './DeploymentList.tsx';
import { ErrorNotice } from './ErrorNotice.tsx';

const EVERY_MS = 5_000;
/** How many of each are listed. */
const LISTED = 20;
const STREAMS = 1_000;

interface Overview {
  readonly services: readonly Service[];
  readonly runtimes: ReadonlyMap<string, StreamInfo>;
  readonly deployments: readonly Deployment[];
  readonly jobs: readonly StreamInfo[];
  readonly bots: readonly StreamInfo[];
}

/** What there is: services, the newest deployments, jobs and bots. */
export function ServiceList() {
  const { http } = useClients().watch;
  const { data, error } = usePolled('overview', (signal) => overview(http, signal), EVERY_MS);
  return (
    <PageFrame title="Services">
      <div className="mx-auto flex w-full max-w-6xl flex-col gap-8">
        <h1 className="sr-only">Services</h1>
        {data !== undefined ? (
          <Overviewed {...data} />
        ) : error === undefined ? (
          <Notice kind="loading" title="Looking for services …" />
        ) : (
          <ErrorNotice error={error} what="the services" />
        )}
      </div>
    </PageFrame>
  );
}

function Overviewed({ services, runtimes, deployments, jobs, bots }: Overview) {
  const nothing = services.length + deployments.length + jobs.length + bots.length === 0;
  if (nothing)
    return (
      <Notice kind="empty" title="Nothing has written yet">
        <p>Services, builds, jobs and bots appear here with their first line. To see one now:</p>
        <p className="mt-3">
          <Command>npx kubidu dev</Command> runs the processes of a Procfile,{' '}
          <Command>npx kubidu deploy samples/app</Command> builds an image.
        </p>
      </Notice>
    );
  return (
    <>
      <Services services={services} runtimes={runtimes} />
      {deployments.length > 0 && (
        <Part title="Latest deployments">
          <DeploymentList deployments={deployments} names="service" />
        </Part>
      )}
      <div className="grid gap-8 md:grid-cols-2">
        {jobs.length > 0 && <Streams title="Jobs" at="jobs" streams={jobs} />}
        {bots.length > 0 && <Streams title="Bots" at="bots" streams={bots} />}
      </div>
    </>
  );
}

function Services({ services, runtimes }: Pick<Overview, 'services' | 'runtimes'>) {
  const [wanted, setWanted] = useState('');
  const shown = useMemo(
    () => services.filter(({ serviceId }) => serviceId.includes(wanted.trim())),
    [services, wanted],
  );
  return (
    <section aria-labelledby="services" className="flex flex-col gap-3">
      <div className="flex items-center justify-between gap-3">
        <h2 id="services" className="text-lg font-semibold">
          Services
        </h2>
        {services.length > 6 && (
          <input
            type="search"
            value={wanted}
            onChange={(event) => setWanted(event.target.value)}
            placeholder="Find a service"
            aria-label="Find a service"
            className="w-48 rounded-md border border-zinc-400 bg-white px-3 py-1.5 text-sm dark:border-zinc-600 dark:bg-zinc-900"
          />
        )}
      </div>
      {services.length === 0 && <p className="text-sm text-zinc-600 dark:text-zinc-400">No service has written yet.</p>}
      {services.length > 0 && shown.length === 0 && <p className="text-sm">No service is called like that.</p>}
      <ul className="grid gap-3 sm:grid-cols-2 lg:grid-cols-3">
        {shown.map((service) => (
          <ServiceCard key={service.serviceId} service={service} runtime={runtimes.get(service.serviceId)} />
        ))}
      </ul>
    </section>
  );
}

function ServiceCard({
  service: { serviceId, tenant, pods },
  runtime,
}: {
  readonly service: Service;
  readonly runtime: StreamInfo | undefined;
}) {
  const running = pods.filter(({ state }) => state === 'running').length;
  const restarts = pods.reduce((sum, { restart }) => sum + restart, 0);
  return (
    <li className="relative flex flex-col gap-2 rounded-lg border border-zinc-200 bg-white p-4 transition-colors focus-within:ring-2 focus-within:ring-emerald-600 hover:border-zinc-400 dark:border-zinc-800 dark:bg-zinc-900 dark:hover:border-zinc-600">
      <div className="flex items-center justify-between gap-2">
        <Link
          to={`/services/${encodeURIComponent(serviceId)}`}
          className="truncate font-medium outline-none after:absolute after:inset-0"
        >
          {serviceId}
        </Link>
        {pods.length === 0 ? <Quiet>not running</Quiet> : <Running running={running} of={pods.length} />}
      </div>
      <p className="flex flex-wrap gap-x-3 text-sm text-zinc-600 dark:text-zinc-400">
        {tenant !== undefined && <span>{tenant}</span>}
        {runtime === undefined || runtime.lastIndex === 0 ? (
          <span>no line yet</span>
        ) : (
          <>
            <span className="tabular-nums">{countText(runtime.lastIndex)}</span>
            <span>
              last <Ago time={runtime.lastAt} />
            </span>
          </>
        )}
        {restarts > 0 && (
          <span className="text-amber-800 dark:text-amber-400">
            {restarts} restart{restarts === 1 ? '' : 's'}
          </span>
        )}
      </p>
    </li>
  );
}

function Running({ running, of }: { readonly running: number; readonly of: number }) {
  const look = running === of ? 'text-emerald-700 dark:text-emerald-400' : 'text-amber-800 dark:text-amber-400';
  return (
    <span className={`flex shrink-0 items-center gap-1.5 text-sm tabular-nums ${look}`}>
      <span aria-hidden="true" className="size-2 rounded-full bg-current" />
      {running}/{of} running
    </span>
  );
}

function Streams({
  title,
  at,
  streams,
}: {
  readonly title: string;
  readonly at: 'jobs' | 'bots';
  readonly streams: readonly StreamInfo[];
}) {
  return (
    <Part title={title}>
      <ul className="divide-y divide-zinc-200 rounded-lg border border-zinc-200 bg-white dark:divide-zinc-800 dark:border-zinc-800 dark:bg-zinc-900">
        {streams.map(({ stream, lastAt, lastIndex, ended }) => (
          <li
            key={stream}
            className="relative flex items-center gap-3 px-4 py-2.5 hover:bg-zinc-50 dark:hover:bg-zinc-800/60"
          >
            <Status name={ended?.status ?? 'up'} bare />
            <Link
              to={`/${at}/${encodeURIComponent(idOf(stream))}`}
              className="min-w-0 flex-1 truncate text-sm font-medium after:absolute after:inset-0"
            >
              {idOf(stream)}
            </Link>
            <Quiet>
              <span className="max-sm:hidden">{countText(lastIndex)} · </span>
              <Ago time={lastAt} />
            </Quiet>
          </li>
        ))}
      </ul>
    </Part>
  );
}

function Part({ title, children }: { readonly title: string; readonly children: React.ReactNode }) {
  return (
    <section className="flex flex-col gap-3">
      <h2 className="text-lg font-semibold">{title}</h2>
      {children}
    </section>
  );
}

function Quiet({ children }: { readonly children: React.ReactNode }) {
  return <span className="shrink-0 text-sm text-zinc-600 tabular-nums dark:text-zinc-400">{children}</span>;
}

async function overview(http: ReturnType<typeof useClients>['watch']['http'], signal: AbortSignal): Promise<Overview> {
  const [services, runtime, { deployments }, jobs, bots] = await Promise.all([
    http.services(signal),
    http.streams({ kind: 'runtime', limit: STREAMS }, signal),
    http.deployments({ limit: LISTED }, signal),
    http.streams({ kind: 'job', limit: STREAMS }, signal),
    http.streams({ kind: 'bot', limit: STREAMS }, signal),
  ]);
  const newest = ({ streams }: typeof jobs) =>
    streams.toSorted((a, b) => (a.lastAt < b.lastAt ? 1 : -1)).slice(0, LISTED);
  return {
    services,
    runtimes: new Map(runtime.streams.map((info) => [idOf(info.stream), info])),
    deployments,
    jobs: newest(jobs),
    bots: newest(bots),
  };
}
