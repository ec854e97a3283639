import { connect } from '@kubidu/client';
import { parseStreamId } from '@kubidu/contracts';
import { addressOf, LogViewer, viewOf } from '@kubidu/web';
import type { LogView } from '@kubidu/web';
import { useState } from 'react';
import { createRoot } from 'react-dom/client';

/** Where this dashboard has its tokens from; asked again whenever a connection needs one, so it may renew them. */
async function token(): Promise<string | undefined> {
  return sessionStorage.getItem('example-token') ?? undefined;
}

const client = connect({ url: location.origin, token });

/** A dashboard of somebody else's: a heading, a choice of streams, and our viewer below. */
function Example() {
  const [name, setName] = useState('runtime:web');
  const [view, setView] = useState<LogView>(() => viewOf(location));
  const stream = parseStreamId(name);
  const show = (next: LogView): void => {
    setView(next);
    const { search, hash } = addressOf(next);
    history.replaceState(null, '', `${location.pathname}${search}${hash}`);
  };
  return (
    <main className="flex h-dvh flex-col gap-3 bg-zinc-100 p-4 text-zinc-900">
      <h1 className="text-lg font-semibold">Somebody else’s dashboard</h1>
      <label className="flex items-center gap-2 text-sm">
        Stream
        <input
          value={name}
          onChange={(event) => setName(event.target.value)}
          className="w-64 rounded border border-zinc-500 bg-white px-2 py-1 font-mono"
        />
      </label>
      <div className="min-h-0 flex-1 overflow-hidden rounded-lg">
        {stream === undefined ? (
          <p>A stream is called like runtime:web, build:…, job:… or bot:….</p>
        ) : (
          <LogViewer key={stream} client={client} stream={stream} view={view} onViewChange={show} />
        )}
      </div>
    </main>
  );
}

const place = document.getElementById('root');
if (place !== null) createRoot(place).render(<Example />);
