import { readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

import type { LogSource, Sink, SourceCapabilities, SourceService } from '@kubidu/core';
import { LogsError } from '@kubidu/core';

import { freePorts } from './free-ports.ts';
import type { Origin } from './follow-session.ts';
import { Outlet } from './outlet.ts';
import { killRun, RUN_VARIABLE } from './process-group.ts';
import { parseFormation, parseProcfile } from './procfile.ts';
import type { ProcessType } from './procfile.ts';
import { Reaper } from './reaper.ts';
import { Replica } from './replica.ts';
import { isLife, RunRecord } from './run-record.ts';

/** What to run, and where. */
export interface ProcessLogSourceOptions {
  /** Path of the Procfile. */
  readonly procfile: string;
  /** Replicas by process type, like `web=3,worker=1`; one of each that is not named. */
  readonly formation?: string;
  /** Where to note what runs, so that the next start finds what a killed one left. */
  readonly dataDir: string;
  /** Environment of the processes; its own variables (`KUBIDU_…`) are kept from them. Default: ours. */
  readonly env?: NodeJS.ProcessEnv;
  /** Where the processes run; default the Procfile's folder. */
  readonly cwd?: string;
  /** Pause before a first restart; default 1,000. */
  readonly restartMs?: number;
  /** From SIGTERM to SIGKILL; default 5,000. */
  readonly graceMs?: number;
}

interface Service {
  readonly type: ProcessType;
  readonly outlet: Outlet;
  readonly replicas: readonly Replica[];
  readonly podNames: readonly string[];
}

/** Calls of `onChange` are at least so far apart. */
const CHANGE_MS = 250;
const GRACE_MS = 5_000;
/** How long `close` waits, once the processes are gone, until their last lines are taken. */
const DRAIN_MS = 5_000;

/**
 * The processes of a Procfile as services: each process type is one, its replicas are its pods (`web.1`, `web.2` …), all
 * started by `start` and ended by `close`, and kept running in between. While nobody follows a service its processes
 * wait as soon as the pipe is full, from their first line on: nothing is lost, so follow them for as long as they run.
 *
 * What a process wrote cannot be read again. So cursors say only how far a follow came, and what a killed run had not
 * stored is told by the next one as `lost`.
 */
export class ProcessLogSource implements LogSource {
  readonly capabilities: SourceCapabilities = { rereadable: false };
  readonly #options: ProcessLogSourceOptions;
  readonly #types: readonly ProcessType[];
  readonly #formation: ReadonlyMap<string, number>;
  readonly #services = new Map<string, Service>();
  readonly #reaper = new Reaper();
  #record: RunRecord | undefined;
  #onChange: () => void = () => undefined;
  #changing: NodeJS.Timeout | undefined;
  #changedAgain = false;
  /** Writes of the record that nobody waits for but `close`. */
  #writing: Promise<unknown> = Promise.resolve();
  #starting: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  private constructor(options: ProcessLogSourceOptions, types: readonly ProcessType[]) {
    this.#options = options;
    this.#types = types;
    this.#formation = parseFormation(options.formation ?? '', types);
  }

  /** Reads the Procfile; nothing runs yet. @throws {LogsError} INVALID_ARGUMENT, with every mistake in it */
  static async open(options: ProcessLogSourceOptions): Promise<ProcessLogSource> {
    const text = await readFile(options.procfile, 'utf8').catch((cause: unknown) => {
      throw new LogsError('INVALID_ARGUMENT', `${options.procfile} cannot be read`, { cause });
    });
    return new ProcessLogSource(options, parseProcfile(text, basename(options.procfile)));
  }

  start(onChange: () => void): Promise<void> {
    this.#onChange = onChange;
    this.#starting ??= this.#start();
    return this.#starting;
  }

  services(): readonly SourceService[] {
    return [...this.#services.values()]
      .map(({ type: { serviceId }, replicas, podNames }) => ({
        serviceId,
        pods: replicas.map(({ state, restart }, at) => ({
          podName: podNames[at] ?? '',
          container: serviceId,
          state,
          restart,
        })),
      }))
      .sort((a, b) => (a.serviceId < b.serviceId ? -1 : 1));
  }

  /** @throws {LogsError} NOT_FOUND where there is no such service, CONFLICT where it is followed already */
  async follow(serviceId: string, sink: Sink, signal: AbortSignal): Promise<void> {
    const service = this.#services.get(serviceId);
    if (!service) throw new LogsError('NOT_FOUND', `no service ${serviceId}`);
    await service.outlet.follow(sink, signal);
  }

  health(): { readonly ok: boolean; readonly detail?: string } {
    if (this.#closing) return { ok: false, detail: 'closed' };
    const replicas = [...this.#services.values()].flatMap((service) => service.replicas);
    const problem = replicas.find((replica) => replica.problem !== undefined)?.problem;
    if (problem !== undefined) return { ok: false, detail: `a process cannot be started: ${problem.message}` };
    const running = replicas.filter(({ state }) => state === 'running').length;
    return { ok: true, detail: `${running} of ${replicas.length} processes run` };
  }

  /**
   * Ends the processes (SIGTERM, then SIGKILL), hands their last lines to whoever follows, then ends the follows.
   * So close the source before aborting them.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #start(): Promise<void> {
    const { record, interrupted } = await RunRecord.open(join(this.#options.dataDir, 'processes'));
    this.#record = record;
    const total = [...this.#formation.values()].reduce((sum, count) => sum + count, 0);
    const ports = await freePorts(total);
    for (const type of this.#types) this.#services.set(type.serviceId, this.#service(type, record, ports));
    for (const { serviceId, ...origin } of interrupted) {
      const service = this.#services.get(serviceId);
      if (service) service.outlet.addLoss({ origin, reason: 'collector-restarted' });
      else await record.remove(origin);
    }
    if (this.#closing) return;
    for (const { replicas } of this.#services.values()) for (const replica of replicas) replica.start();
    this.#changed();
  }

  #service(type: ProcessType, record: RunRecord, ports: number[]): Service {
    const {
      procfile,
      cwd = dirname(resolve(procfile)),
      env = process.env,
      restartMs,
      graceMs = GRACE_MS,
    } = this.#options;
    const { serviceId, command } = type;
    const outlet = new Outlet({
      onTold: (origin) => this.#told(origin, record),
      isOver: (source) => isLife(source) && !this.#lives(source),
    });
    const podNames = Array.from({ length: this.#formation.get(serviceId) ?? 1 }, (_, at) => `${serviceId}.${at + 1}`);
    const replicas = podNames.map(
      (podName) =>
        new Replica({
          serviceId,
          podName,
          command,
          cwd: resolve(cwd),
          env: environment(env, { podName, serviceId, runId: record.runId, port: ports.shift() }),
          outlet,
          reaper: this.#reaper,
          record,
          graceMs,
          onChange: () => this.#changed(serviceId),
          ...(restartMs !== undefined && { restartMs }),
        }),
    );
    return { type, outlet, replicas, podNames };
  }

  #changed(serviceId?: string): void {
    for (const { type, outlet, replicas, podNames } of this.#services.values())
      if (serviceId === undefined || type.serviceId === serviceId)
        outlet.tell(
          replicas.map(({ state }, at) => ({ podName: podNames[at] ?? '', container: type.serviceId, state })),
        );
    this.#announce();
  }

  /** At once when nothing was announced lately, else as soon as that is over. */
  #announce(): void {
    if (this.#closing) return;
    this.#changedAgain = this.#changing !== undefined;
    if (this.#changing) return;
    this.#changing = setTimeout(() => {
      this.#changing = undefined;
      if (this.#changedAgain) this.#announce();
    }, CHANGE_MS);
    this.#onChange();
  }

  /** Whether that life is being heard. */
  #lives(source: string): boolean {
    const replicas = [...this.#services.values()].flatMap((service) => service.replicas);
    return replicas.some((replica) => replica.source === source);
  }

  /** A loss was told. Of a life that is over nothing more is owed, once that is on disk. */
  #told(origin: Origin, record: RunRecord): Promise<boolean> {
    if (this.#lives(origin.source)) return Promise.resolve(true);
    const struck = record.remove(origin).then(
      () => true,
      () => false,
    );
    this.#writing = Promise.all([this.#writing, struck]);
    return struck;
  }

  async #close(): Promise<void> {
    await this.#starting?.catch(() => undefined);
    clearTimeout(this.#changing);
    const services = [...this.#services.values()];
    const replicas = services.flatMap((service) => service.replicas);
    for (const { outlet } of services) outlet.drain();
    const ended = Promise.all(replicas.map((replica) => replica.close()));
    await settledWithin(ended, (this.#options.graceMs ?? GRACE_MS) + DRAIN_MS);
    for (const { outlet } of services) outlet.close();
    for (const replica of replicas) replica.abandon();
    await ended;
    await this.#reaper.close();
    await this.#writing;
    if (this.#record) await killRun(this.#record.runId);
  }
}

/** Ours without our own settings, among them secrets, and with what says who the process is. */
function environment(
  env: NodeJS.ProcessEnv,
  { podName, serviceId, runId, port }: { podName: string; serviceId: string; runId: string; port: number | undefined },
): NodeJS.ProcessEnv {
  return {
    ...Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('KUBIDU_'))),
    KUBIDU_SERVICE_ID: serviceId,
    KUBIDU_POD_NAME: podName,
    [RUN_VARIABLE]: runId,
    ...(port !== undefined && { PORT: String(port) }),
  };
}

async function settledWithin(work: Promise<unknown>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
