import type { StreamId, StreamInfo } from '@kubidu/contracts';
import { useParams } from 'react-router';

import { Ago } from '../components/frame/Ago.tsx';
import { countText } from '../components/frame/count-text.ts';
import { LogViewer } from '../components/logs/LogViewer.tsx';
import { Notice } from '../components/frame/Notice.tsx';
import { PageFrame } from '../components/frame/PageFrame.tsx';
import { Status } from '../components/frame/Status.tsx';
import { usePolled } from '../data/use-polled.ts';
import { useClients } from '../session/session-context.ts';
import { ErrorNotice } from './ErrorNotice.tsx';
import { useLogView } from './use-log-view.ts';

const EVERY_MS = 5_000;

/** A job or a bot: how it does, and its log. */
export function StreamPage({ kind }: { readonly kind: 'job' | 'bot' }) {
  const { id = '' } = useParams();
  const stream: StreamId = `${kind}:${id}`;
  const { http } = useClients().watch;
  const { data, error } = usePolled<StreamInfo>(stream, (signal) => http.stream(stream, signal), EVERY_MS);
  const name = `${kind === 'job' ? 'Job' : 'Bot'} ${id}`;
  return (
    <PageFrame title={name} fills trail={[{ text: kind === 'job' ? 'Jobs' : 'Bots', to: '/' }, { text: id }]}>
      <h1 className="sr-only">{name}</h1>
      {data !== undefined ? (
        <Detail key={stream} info={data} />
      ) : error === undefined ? (
        <Notice kind="loading" title={`Opening ${id} …`} />
      ) : (
        <ErrorNotice error={error} what={`the ${kind} ${id}`} />
      )}
    </PageFrame>
  );
}

function Detail({ info: { stream, createdAt, lastAt, lastIndex, ended } }: { readonly info: StreamInfo }) {
  const { logs } = useClients();
  const [view, setView] = useLogView();
  return (
    <>
      <p className="flex flex-wrap items-center gap-x-4 gap-y-1 border-b border-zinc-200 bg-white px-4 py-2 text-sm text-zinc-600 dark:border-zinc-800 dark:bg-zinc-950 dark:text-zinc-400">
        <Status name={ended?.status ?? 'up'} />
        {ended?.exitCode !== undefined && <span>exit {ended.exitCode}</span>}
        <span>
          began <Ago time={createdAt} />
        </span>
        <span>
          {ended === undefined ? 'last line' : 'ended'} <Ago time={lastAt} />
        </span>
        <span className="tabular-nums">{countText(lastIndex)}</span>
      </p>
      <div className="min-h-0 flex-1">
        <LogViewer client={logs} stream={stream} view={view} onViewChange={setView} />
      </div>
    </>
  );
}
