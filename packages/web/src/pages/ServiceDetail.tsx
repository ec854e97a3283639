import type { Deployment, Service, StreamId } from '@kubidu/contracts';
import { useParams } from 'react-router';

import { LogViewer } from '../components/logs/LogViewer.tsx';
import { Notice } from '../components/frame/Notice.tsx';
import { PageFrame } from '../components/frame/PageFrame.tsx';
import { usePolled } from '../data/use-polled.ts';
import { useSystemWatch } from '../data/use-system-watch.ts';
import { useClients } from '../session/session-context.ts';
import { DeploymentsPart } from './DeploymentsPart.tsx';
import { ErrorNotice } from './ErrorNotice.tsx';
import { replicasOf } from './replica.ts';
import { ReplicaList } from './ReplicaList.tsx';
import { SidePart } from './SidePart.tsx';
import { useLogView } from './use-log-view.ts';

const EVERY_MS = 5_000;
const DEPLOYMENTS = 10;

/** A service: its replicas, its deployments, and its log. */
export function ServiceDetail() {
  const { id = '' } = useParams();
  const { http } = useClients().watch;
  const { data, error } = usePolled<Service>(`service ${id}`, (signal) => http.service(id, signal), EVERY_MS);
  const title = <h1 className="sr-only">Service {id}</h1>;
  return (
    <PageFrame title={id} fills trail={[{ text: 'Services', to: '/' }, { text: id }]}>
      {title}
      {data !== undefined ? (
        <Detail key={id} service={data} />
      ) : error === undefined ? (
        <Notice kind="loading" title={`Opening ${id} …`} />
      ) : (
        <ErrorNotice error={error} what={`the service ${id}`} />
      )}
    </PageFrame>
  );
}

function Detail({ service: { serviceId, pods } }: { readonly service: Service }) {
  const stream: StreamId = `runtime:${serviceId}`;
  const { logs, watch } = useClients();
  const [view, setView] = useLogView();
  const { sources, entries } = useSystemWatch(stream);
  const deployments = usePolled<readonly Deployment[]>(
    `deployments of ${serviceId}`,
    async (signal) => (await watch.http.deployments({ serviceId, limit: DEPLOYMENTS }, signal)).deployments,
    EVERY_MS,
  ).data;
  const replicas = replicasOf(pods, sources, entries);
  const running = replicas.filter(({ state }) => state === 'running').length;
  const chosen = view.pods ?? [];
  const choose = (podName: string): void => {
    const { pods: _pods, ...rest } = view;
    const next = chosen.includes(podName) ? chosen.filter((one) => one !== podName) : [...chosen, podName];
    setView(next.length === 0 ? rest : { ...rest, pods: next });
  };
  return (
    <div className="flex min-h-0 flex-1 flex-col lg:flex-row">
      <aside
        aria-label="Replicas and deployments"
        className="flex shrink-0 flex-col gap-2 border-zinc-200 bg-white p-2 max-lg:border-b lg:w-72 lg:gap-4 lg:overflow-y-auto lg:border-r lg:p-4 dark:border-zinc-800 dark:bg-zinc-950"
      >
        <SidePart
          title="Replicas"
          said={replicas.length === 0 ? undefined : `${running} of ${replicas.length} running`}
        >
          {replicas.length === 0 ? (
            <p className="text-sm text-zinc-600 dark:text-zinc-400">
              Nothing runs now. What was written before is still here.
            </p>
          ) : (
            <div className="overflow-x-auto max-lg:-mx-2 max-lg:px-2">
              <ReplicaList replicas={replicas} chosen={chosen} onChoose={choose} />
            </div>
          )}
        </SidePart>
        {deployments !== undefined && <DeploymentsPart deployments={deployments} />}
      </aside>
      <div className="min-h-0 min-w-0 flex-1">
        <LogViewer client={logs} stream={stream} view={view} onViewChange={setView} />
      </div>
    </div>
  );
}
