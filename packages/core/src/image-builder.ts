import type { LogEvent } from '@kubidu/contracts';

import type { SourceLine } from './log-source.ts';

/** What to build, its source on disk already. */
export interface ImageBuild {
  /** Folder of the context. */
  readonly context: string;
  /** Path of the Dockerfile within it. */
  readonly dockerfile: string;
  /** Name of the image, with a tag; pushed there where `push` says so. */
  readonly image: string;
  readonly push: boolean;
  readonly target?: string;
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly noCache: boolean;
}

/** Takes what a build writes, in order. */
export interface BuildOutput {
  /** Complete lines of one step; `stream` absent where the builder cannot tell. At most 500 a call. */
  lines(lines: readonly SourceLine[], stream?: 'stdout' | 'stderr', step?: number): void;
  /** What happened to a step, or what was lost before we saw it. `timestamp` RFC 3339. */
  event(event: Extract<LogEvent, { type: 'build-step' | 'lost' }>, timestamp: string): void;
  /** Resolves when there is room for more: await it before reading on. Rejects once the stream takes nothing any more. */
  ready(): Promise<void>;
}

/** How a build ended. */
export interface BuildResult {
  readonly status: 'succeeded' | 'failed' | 'cancelled';
  /** Of the step that failed, else of the builder; 0 where it succeeded; absent where it was cancelled or never began. */
  readonly exitCode?: number;
  /** Digest of what was built, like `sha256:…`. */
  readonly digest?: string;
  /** Why it failed, in words for whoever pushed: one or several lines, no secret in them. */
  readonly problem?: string;
}

/** Something that builds images: Docker. */
export interface ImageBuilder {
  /**
   * Builds. What is wrong with the build is its result, not an error. Aborting stops the running container within 5 s, and
   * resolves once nothing of it is left.
   * @throws {LogsError} UNAVAILABLE where the engine does not answer before the build began
   */
  build(build: ImageBuild, output: BuildOutput, signal: AbortSignal): Promise<BuildResult>;
  /** Whether the engine answers now; `detail` says in words what is missing. Never rejects. */
  health(): Promise<{ readonly ok: boolean; readonly detail?: string }>;
}
