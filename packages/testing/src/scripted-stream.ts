import type {
  CreateDeployment,
  Deployment,
  ErrorBody,
  GapReason,
  LogEntry,
  Me,
  Outcome,
  Service,
  Source,
  StreamId,
} from '@kubidu/contracts';

/** One stream as the script has it. */
export interface ScriptedStream {
  firstIndex: number;
  readonly entries: LogEntry[];
  gapReason: GapReason;
  ended?: Outcome;
  sources: Source[];
}

/** What a scripted server answers from. */
export interface Script {
  readonly url: string;
  readonly streams: ReadonlyMap<StreamId, ScriptedStream>;
  readonly services: ReadonlyMap<string, Service>;
  readonly deployments: Map<string, Deployment>;
  readonly asked: CreateDeployment[];
  readonly uploads: Map<string, Buffer>;
  readonly maxUploadBytes: number;
  readonly onDeployment: ((deployment: Deployment, what: 'queued' | 'cancelled') => void) | undefined;
  readonly tokens: ReadonlySet<string> | undefined;
  readonly me: Partial<Me>;
  readonly httpError: { status: number; body: ErrorBody } | undefined;
}

/** Index of the newest entry; 0 where there is none. */
export function lastIndex(held: ScriptedStream): number {
  return held.firstIndex - 1 + held.entries.length;
}

/** A page as the contract cuts it. */
export function page(
  held: ScriptedStream,
  { before, after, limit }: { before?: number | undefined; after?: number | undefined; limit: number },
): { entries: LogEntry[] } {
  if (before === undefined && after !== undefined) {
    const from = Math.max(0, after + 1 - held.firstIndex);
    return { entries: held.entries.slice(from, from + limit) };
  }
  const to = Math.min(held.entries.length, Math.max(0, (before ?? Number.MAX_SAFE_INTEGER) - held.firstIndex));
  return { entries: held.entries.slice(Math.max(0, to - limit), to) };
}
