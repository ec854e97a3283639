import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Origin } from './follow-session.ts';
import { isAlive, killRun, startTime } from './process-group.ts';

/** A life of a pod that ran when its run died. */
export interface Interrupted extends Origin {
  readonly serviceId: string;
}

interface Stored {
  readonly runId: string;
  readonly owner: { readonly pid: number; readonly startedAt: string };
  readonly alive: readonly Interrupted[];
}

/**
 * What a run has started and not yet brought to its end, on disk: so that the next one, should this one be killed, ends
 * what is left of it and says of whom lines may be lost. Runs side by side in one folder leave each other alone.
 */
export class RunRecord {
  /** Names this run; new each time. */
  readonly runId: string;
  readonly #folder: string;
  readonly #startedAt: string;
  readonly #alive = new Map<string, Interrupted>();
  #written: Promise<void> = Promise.resolve();

  private constructor(folder: string, runId: string, startedAt: string) {
    this.#folder = folder;
    this.runId = runId;
    this.#startedAt = startedAt;
  }

  /** Opens a new run's record in the folder, and ends whatever dead runs have left there. */
  static async open(folder: string): Promise<{ record: RunRecord; interrupted: readonly Interrupted[] }> {
    await mkdir(folder, { recursive: true });
    const record = new RunRecord(folder, randomBytes(6).toString('hex'), await startTime(process.pid));
    const paths = (await readdir(folder)).filter((name) => name.endsWith('.json')).map((name) => join(folder, name));
    const dead = await Promise.all(paths.map((path) => deadRun(path)));
    const interrupted = dead.flatMap((run) => run?.alive ?? []);
    // Ours from now on: what died with them is told once, even if we die before.
    for (const life of interrupted) record.#alive.set(life.source, life);
    if (interrupted.length > 0) await record.#write();
    await Promise.all(paths.filter((_, at) => dead[at]).map((path) => rm(path, { force: true })));
    return { record, interrupted };
  }

  /** What a life of a pod is called among its stream's sources. */
  sourceOf(podName: string, restart: number): string {
    return `${this.runId}/${podName}/${restart}`;
  }

  /** That life begins; resolves when it is on disk. */
  add(life: Interrupted): Promise<void> {
    this.#alive.set(life.source, life);
    return this.#write();
  }

  /** All that came of it is stored, or its loss is. */
  remove({ source }: Origin): Promise<void> {
    return this.#alive.delete(source) ? this.#write() : this.#written;
  }

  /** One write after the other, each with what is true when its turn comes. */
  #write(): Promise<void> {
    const written = this.#written.then(async () => {
      const path = join(this.#folder, `${this.runId}.json`);
      if (this.#alive.size === 0) return rm(path, { force: true });
      const owner = { pid: process.pid, startedAt: this.#startedAt };
      const stored: Stored = { runId: this.runId, owner, alive: [...this.#alive.values()] };
      await writeFile(`${path}.new`, JSON.stringify(stored), { mode: 0o600 });
      await rename(`${path}.new`, path);
    });
    this.#written = written.catch(() => undefined);
    return written;
  }
}

/** Whether a source has the name of a life of some run, ours or another: a stream may have sources of other kinds too. */
export function isLife(source: string): boolean {
  return /^[0-9a-f]{12}\//.test(source);
}

/** What a dead run has left, its processes ended; undefined where the run lives. */
async function deadRun(path: string): Promise<Pick<Stored, 'alive'> | undefined> {
  const stored = await readStored(path);
  if (!stored) return { alive: [] };
  if (await isAlive(stored.owner.pid, stored.owner.startedAt)) return undefined;
  await killRun(stored.runId);
  return stored;
}

/** Undefined where there is no sense in it, as after a crash of the machine: nothing of it can be alive then. */
async function readStored(path: string): Promise<Stored | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Stored;
  } catch {
    return undefined;
  }
}
