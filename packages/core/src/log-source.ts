import type { LogEvent, Source } from '@kubidu/contracts';

/** A line as a source hands it over: what differs from line to line. */
export interface SourceLine {
  /** RFC 3339, UTC, as precise as the source. */
  readonly timestamp: string;
  readonly message: string;
  /** Bytes cut off the end of the message; absent when whole. */
  readonly truncated?: number;
}

/** What all lines of one source have in common. */
export interface SourceLabels {
  readonly podName?: string;
  readonly container?: string;
  readonly restart?: number;
}

/**
 * Takes what one source writes (one container instance). Lines become entries of the stream in the order of the calls,
 * each call's lines with its cursor together or not at all (at most 500 lines a call).
 */
export interface SourceWriter {
  /** @param stream absent where the source cannot tell. @param step of a build; absent elsewhere. */
  lines(lines: readonly SourceLine[], cursor: string, stream?: 'stdout' | 'stderr', step?: number): void;
  /** A system entry; its words are made from the event. `timestamp` RFC 3339, default now. */
  event(event: LogEvent, cursor: string, timestamp?: string): void;
  /** Resolves at once while there is room, else when there is again: await it before reading on. Rejects once the writer is closed or the lease is lost. */
  ready(): Promise<void>;
  /** Resolves when everything handed over is stored. Rejects like `ready`. */
  flush(): Promise<void>;
}

/** Where a followed service's lines go; given by whoever collects. */
export interface Sink {
  /** Where this source stopped when it was last read, by any replica; undefined when it never was. */
  cursor(source: string): string | undefined;
  /** Opens a writer for a source (a container instance); `source` as in SourcePosition. */
  open(source: string, labels: SourceLabels): SourceWriter;
  /** Every source of the stream that has a cursor, whoever read it: those of another kind of source may be among them. */
  known(): readonly string[];
  /**
   * Says that these sources will never be read again. They have no cursor from now on; what was handed over of them is
   * stored before the store forgets them. That may come to nothing where the store is away or this follow ends: look at
   * `known` when the next one begins. Never throws; forgetting again, or what is not known, changes nothing.
   */
  forget(sources: readonly string[]): void;
  /** Who writes now; call on every change, with all of them. */
  sources(sources: readonly Source[]): void;
}

/** One service as a source sees it. */
export interface SourceService {
  readonly serviceId: string;
  readonly tenant?: string;
  readonly pods: readonly {
    readonly podName: string;
    readonly container: string;
    readonly state: string;
    readonly restart: number;
  }[];
}

/** What differs between sources, as data. */
export interface SourceCapabilities {
  /**
   * What was written while nobody followed can be read later, from a cursor on. Where it cannot, whoever writes waits as
   * soon as its pipe is full: follow such services always.
   */
  readonly rereadable: boolean;
}

/** Something that has services whose output can be followed: a cluster, the processes of a Procfile. */
export interface LogSource extends AsyncDisposable {
  readonly capabilities: SourceCapabilities;
  /** Begins to look for services. `onChange` is called whenever `services()` would answer differently, at most a few times a second. */
  start(onChange: () => void): Promise<void>;
  /** Services known now, in the order of their ids. */
  services(): readonly SourceService[];
  /**
   * Follows every container of the service, those that come later too, until the signal aborts; then resolves once
   * nothing of it is left. Faults of the source are recovered inside and never end it; rejects only when the sink does.
   */
  follow(serviceId: string, sink: Sink, signal: AbortSignal): Promise<void>;
  /** State for /readyz. */
  health(): { readonly ok: boolean; readonly detail?: string };
}
