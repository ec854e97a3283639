import type { BuildOutput } from '@kubidu/core';

import { BuildStep } from '../steps/build-step.ts';
import type { StepEnd } from '../steps/build-step.ts';
import type { SolveStatus, Vertex, VertexWarning } from './solve-status.ts';
import { VertexProgress } from './vertex-progress.ts';

/** How a step failed. */
export interface StepFailure {
  readonly step: number;
  readonly name: string;
  readonly error: string;
  /** What it wrote last, where that is known. */
  readonly lastWords?: string;
}

/** An end that is not told yet, since the step may begin again at once. */
interface HeldEnd {
  readonly step: BuildStep;
  readonly vertex: Vertex;
}

/** How long an end is held where nothing else happens, in milliseconds. */
const HOLD_MS = 100;

/**
 * What BuildKit says of its graph, as steps: numbered from 1 in the order in which they start, which is the order in which
 * plain progress shows them. Owns a timer while a step's end is held; `end` stops it.
 */
export class BuildGraph {
  readonly #output: BuildOutput;
  readonly #steps = new Map<string, BuildStep>();
  /** Digest of each vertex that is shown under another's step, and that step's key. */
  readonly #groups = new Map<string, string>();
  readonly #progress = new VertexProgress();
  /** What was told last of each step's end: BuildKit repeats itself. */
  readonly #ended = new Map<BuildStep, Vertex>();
  #count = 0;
  #held: HeldEnd | undefined;
  #timer: NodeJS.Timeout | undefined;
  #failure: StepFailure | undefined;

  constructor(output: BuildOutput) {
    this.#output = output;
  }

  /** The first step that failed by itself. */
  get failure(): StepFailure | undefined {
    return this.#failure;
  }

  take(status: SolveStatus): void {
    for (const vertex of status.vertexes ?? []) this.#started(vertex);
    for (const progress of status.statuses ?? []) {
      const line = this.#progress.lineOf(progress);
      if (line !== undefined) this.#stepOf(progress.vertex)?.say(line, progress.completed ?? progress.timestamp);
    }
    for (const warning of status.warnings ?? [])
      this.#stepOf(warning.vertex)?.say(wordsOf(warning), new Date().toISOString(), 'stderr');
    for (const { vertex, stream, data, timestamp } of status.logs ?? [])
      this.#stepOf(vertex)?.write(stream === 2 ? 'stderr' : 'stdout', Buffer.from(data, 'base64'), timestamp);
    for (const vertex of status.vertexes ?? []) if (vertex.completed !== undefined) this.#completed(vertex);
  }

  /** Nothing more comes: what still ran ended so. */
  end(status: 'failed' | 'cancelled' | 'succeeded'): void {
    this.#tellHeld();
    const now = new Date().toISOString();
    for (const step of this.#steps.values()) if (step.running) step.end(status, now);
  }

  #keyOf(digest: string): string {
    return this.#groups.get(digest) ?? digest;
  }

  #stepOf(digest: string): BuildStep | undefined {
    const step = this.#steps.get(this.#keyOf(digest));
    if (step && this.#held && this.#held.step !== step) this.#tellHeld();
    return step;
  }

  #started(vertex: Vertex): void {
    const { progressGroup: group } = vertex;
    if (group) this.#groups.set(vertex.digest, group.id);
    if (vertex.started === undefined) return;
    let step = this.#stepOf(vertex.digest);
    if (!step) {
      this.#tellHeld();
      step = new BuildStep(this.#output, ++this.#count, group?.name ?? vertex.name);
      this.#steps.set(this.#keyOf(vertex.digest), step);
      if (!vertex.cached || vertex.completed === undefined) step.start(vertex.started);
    } else if (this.#held?.step === step) {
      if (vertex.completed === undefined) this.#unhold();
    } else if (vertex.completed === undefined && this.#ended.get(step)?.started !== vertex.started)
      step.start(vertex.started);
  }

  #completed(vertex: Vertex): void {
    const step = this.#stepOf(vertex.digest);
    if (!step || this.#ended.get(step)?.completed === vertex.completed) return;
    this.#unhold();
    this.#held = { step, vertex };
    if (vertex.error) this.#tellHeld();
    else this.#timer = setTimeout(() => this.#tellHeld(), HOLD_MS);
  }

  #unhold(): void {
    clearTimeout(this.#timer);
    this.#held = undefined;
  }

  #tellHeld(): void {
    const held = this.#held;
    this.#unhold();
    if (!held) return;
    const { step, vertex } = held;
    this.#ended.set(step, vertex);
    const { started, completed = '', error } = vertex;
    const status = endOf(vertex);
    if (status === 'failed') step.say(`ERROR: ${error}`, completed, 'stderr');
    const durationMs = started === undefined || status === 'cached' ? undefined : between(started, completed);
    step.end(status, completed, durationMs);
    if (status !== 'failed') return;
    this.#failure ??= { step: step.number, name: step.name, error: error ?? '', lastWords: step.lastWords };
  }
}

function endOf({ cached, error }: Vertex): StepEnd {
  if (error) return error.endsWith('context canceled') ? 'cancelled' : 'failed';
  return cached ? 'cached' : 'succeeded';
}

/** Milliseconds, to three places: BuildKit's times have nanoseconds, Date's not. */
function between(started: string, completed: string): number {
  const [from, to] = [started, completed].map((time) => {
    const fraction = Number(/\.(\d+)/.exec(time)?.[0] ?? 0);
    return Date.parse(time.replace(/\.\d+/, '')) + fraction * 1_000;
  });
  return Math.max(0, Math.round(((to ?? 0) - (from ?? 0)) * 1_000) / 1_000);
}

function wordsOf({ short = '', url, range }: VertexWarning): string {
  const line = range?.[0]?.start?.line;
  const words = Buffer.from(short, 'base64').toString();
  return `WARN: ${words}${line === undefined ? '' : ` (line ${line})`}${url ? ` ${url}` : ''}`;
}
