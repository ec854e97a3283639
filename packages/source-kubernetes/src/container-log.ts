import { LIMITS } from '@kubidu/contracts';
import { LineFramer } from '@kubidu/core';

import { Intake } from './intake.ts';
import { Search } from './resumption.ts';
import { parseStamped, STAMP_BYTES } from './stamped-line.ts';
import type { ApiServer } from './api-server.ts';
import type { IntakeBudget } from './intake.ts';
import type { Position } from './position.ts';
import type { RotatedFiles } from './rotated-files.ts';
import type { StampedLine } from './stamped-line.ts';
import type { Timing } from './timing.ts';

/** What is asked of a container's log. */
export interface LogQuery {
  /** The instance before the present one. */
  readonly previous: boolean;
  readonly follow?: boolean;
  /** UTC, whole seconds. */
  readonly since?: string | undefined;
  readonly tailLines?: number;
}

/** What all of a source's log requests share. */
export interface LogAccess {
  readonly server: ApiServer;
  readonly budget: IntakeBudget;
  readonly timing: Timing;
  readonly rotated: RotatedFiles;
}

/** How a bounded reading ended. `strange`: text without a stamp came behind those that have one, or alone, which is the kubelet's own error. */
export interface Reading {
  readonly clean: boolean;
  readonly strange: string | undefined;
}

/** A framer for lines with their stamps. */
export const stampedFramer = (): LineFramer => new LineFramer(LIMITS.messageBytes + STAMP_BYTES - 5);

/** The log endpoint of one container of a pod. */
export class ContainerLog {
  readonly #access: LogAccess;
  readonly #path: string;

  constructor(access: LogAccess, pod: { readonly namespace: string; readonly name: string }, container: string) {
    this.#access = access;
    this.#path = `/api/v1/namespaces/${pod.namespace}/pods/${pod.name}/log?container=${encodeURIComponent(container)}&timestamps=true`;
  }

  async open(query: LogQuery, signal: AbortSignal): Promise<Intake> {
    const { server, budget, timing } = this.#access;
    const parts = [
      this.#path,
      query.previous ? '&previous=true' : '',
      query.follow ? '&follow=true' : '',
      query.since === undefined ? '' : `&sinceTime=${query.since}Z`,
      query.tailLines === undefined ? '' : `&tailLines=${query.tailLines}`,
    ];
    return new Intake(await server.open(parts.join(''), { signal, headMs: timing.headMs }), budget);
  }

  /** Reads what is there now; `take` answers whether to read on. */
  async read(query: LogQuery, take: (line: StampedLine) => boolean, signal: AbortSignal): Promise<Reading> {
    const intake = await this.open(query, signal);
    const framer = stampedFramer();
    let strange: string | undefined;
    let more = true;
    let stamped = false;
    const offer = (text: string, truncated: number) => {
      if (!more) return;
      const line = parseStamped(text, truncated);
      if (!line) {
        strange ??= text.slice(0, 200);
        return;
      }
      // Before the first there may be the end of a long line, whose first pieces are older than what was asked for.
      if (!stamped) strange = undefined;
      stamped = true;
      more = take(line);
    };
    try {
      while (intake.ended === 'open' && more && !signal.aborted) {
        if (!(await intake.wait(this.#access.timing.headMs, signal))) return { clean: false, strange };
        for (const chunk of intake.take()) framer.push(chunk, offer);
      }
      const clean = !more || intake.ended === 'clean';
      if (clean) framer.end(offer);
      return { clean: clean && !signal.aborted, strange };
    } finally {
      intake.close();
    }
  }

  /** Looks for the place of `position` in the log as it is now; undefined when that could not be read. */
  async search(position: Position, previous: boolean, signal: AbortSignal): Promise<Search | undefined> {
    const search = new Search(position);
    const { clean, strange } = await this.read(
      { previous, since: position.since },
      (line) => search.offer(line),
      signal,
    );
    return clean && strange === undefined ? search : undefined;
  }

  /** The newest line; undefined when there is none, or none could be read. */
  async newest(previous: boolean, signal: AbortSignal): Promise<StampedLine | undefined> {
    let newest: StampedLine | undefined;
    await this.read({ previous, tailLines: 1 }, (line) => ((newest = line), true), signal);
    return newest;
  }
}
