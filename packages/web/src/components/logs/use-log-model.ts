import type { LogsClient } from '@kubidu/client';
import type { StreamId } from '@kubidu/contracts';
import { useEffect, useState, useSyncExternalStore } from 'react';

import { ClientLogSource } from './model/client-log-source.ts';
import { browserFrames } from './model/frames.ts';
import { CalmStore } from './model/calm-store.ts';
import { LogModel } from './model/log-model.ts';
import type { Chosen, LogSnapshot } from './model/log-model.ts';

/** A stream's model for as long as it is shown; undefined before it is opened. */
export function useLogModel(client: LogsClient, stream: StreamId, chosen: Chosen): LogModel | undefined {
  const [opened, setOpened] = useState<{ client: LogsClient; stream: StreamId; model: LogModel }>();
  useEffect(() => {
    const model = new LogModel({ source: new ClientLogSource(client, stream), frames: browserFrames });
    let open = true;
    queueMicrotask(() => open && setOpened({ client, stream, model }));
    return () => {
      open = false;
      model.close();
      setOpened(undefined);
    };
  }, [client, stream]);
  // What was drawn for one model is not to go on with the next: between the two there is none.
  const model = opened?.client === client && opened.stream === stream ? opened.model : undefined;
  const { query, only, level, pods, containers, from, to, step } = chosen;
  useEffect(() => {
    model?.choose({ query, only, level, pods, containers, from, to, step } as Chosen);
  }, [model, query, only, level, pods, containers, from, to, step]);
  return model;
}

/** What a model shows now; draws anew at most once a frame. */
export function useLogSnapshot(model: LogModel): LogSnapshot {
  return useSyncExternalStore(model.subscribe, model.getSnapshot);
}

/** What a model shows now, a few times a second; the first change after a rest at once. */
export function useCalmSnapshot(model: LogModel): LogSnapshot {
  const [calm] = useState(() => new CalmStore(model));
  return useSyncExternalStore(calm.subscribe, calm.getSnapshot);
}
