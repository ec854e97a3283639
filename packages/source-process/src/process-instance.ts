import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

import { OutputPipe } from './output-pipe.ts';
import { groupRuns, signalGroup } from './process-group.ts';
import type { Reaper } from './reaper.ts';

/** What a pod's process is started with. */
export interface InstanceOptions {
  /** For `/bin/sh -c`. */
  readonly command: string;
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly reaper: Reaper;
}

/** How a process ended, in the words of a container's status. */
export interface Exit {
  /** As a shell gives it: 128 and the signal's number for one that was killed. */
  readonly exitCode: number;
  readonly reason: 'Completed' | 'Error';
  readonly signal?: string;
}

/** A process that could not be started at all. */
const NOT_STARTED: Exit = { exitCode: 126, reason: 'Error' };

/**
 * The shell that runs a command. It waits until it is told to begin: then whoever must end it, should we die, knows of
 * it. A program without shell syntax around it takes the shell's place, so that we see its exit code and signal (bash
 * does so by itself, dash does not). Else the shell survives a SIGTERM, which the whole group gets, until the program
 * that it waits for has ended, and passes on its exit code.
 */
const SHELL = `read -r go <&3 || exit 0
exec 3<&-
case $(command -v "$2") in */*) eval "exec $1" ;; esac
trap exit TERM
eval "$1"`;

/** The program's name where the command is nothing but a program with arguments and redirections, else ''. */
function soleProgram(command: string): string {
  const [program = ''] = /^[\w./+-]+(?=\s|$)/.exec(command) ?? [];
  return /[;&|()`\n]/.test(command.replace(/\d?[<>]{1,2}&?[\d-]?/g, '')) ? '' : program;
}

/** One life of a pod's process, with all that it starts in its process group. Nothing of that group survives it. */
export class ProcessInstance {
  /** Resolves when the process has gone and its group with it; never rejects. What it wrote may still be in the pipes. */
  readonly exited: Promise<Exit>;
  readonly stdout: OutputPipe;
  readonly stderr: OutputPipe;
  readonly #child: ChildProcess;
  #graceUntil = 0;
  #gone = false;

  private constructor(child: ChildProcess, stdout: OutputPipe, stderr: OutputPipe, reaper: Reaper) {
    this.#child = child;
    this.stdout = stdout;
    this.stderr = stderr;
    this.exited = this.#watch(reaper);
  }

  /** Starts the process; it runs once {@link begin} is called. Rejects where not even a pipe can be had. */
  static async prepare({ command, cwd, env, reaper }: InstanceOptions): Promise<ProcessInstance> {
    const [stdout, stderr] = (await OutputPipe.open(2)) as [OutputPipe, OutputPipe];
    try {
      const child = spawn('/bin/sh', ['-c', SHELL, 'sh', command, soleProgram(command)], {
        cwd,
        env,
        detached: true, // leads a process group of its own
        stdio: ['ignore', stdout.writer, stderr.writer, 'pipe'],
      });
      const instance = new ProcessInstance(child, stdout, stderr, reaper);
      if (child.pid !== undefined) await reaper.add(child.pid);
      return instance;
    } finally {
      stdout.handedOver();
      stderr.handedOver();
    }
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  begin(): void {
    const go = this.#child.stdio[3] as NodeJS.WritableStream | null | undefined;
    go?.on('error', () => undefined);
    go?.end('\n');
  }

  /** Asks the whole group to end, and kills what is left of it after `graceMs`. Resolves with {@link exited}. */
  async stop(graceMs: number): Promise<void> {
    const { pid } = this.#child;
    if (pid === undefined || this.#gone) return;
    this.#graceUntil = Date.now() + graceMs;
    signalGroup(pid, 'SIGTERM');
    const timer = setTimeout(() => signalGroup(pid, 'SIGKILL'), graceMs);
    await this.exited;
    clearTimeout(timer);
  }

  async #watch(reaper: Reaper): Promise<Exit> {
    const exit = await new Promise<Exit>((resolve) => {
      this.#child.on('error', () => resolve(NOT_STARTED));
      this.#child.on('exit', (code, signal) => resolve(exitOf(code, signal)));
    });
    const { pid } = this.#child;
    if (pid !== undefined) {
      // Like a container, whose first process takes all others with it; but when we asked, they too may say goodbye.
      while (Date.now() < this.#graceUntil && (await groupRuns(pid))) await sleep(10);
      signalGroup(pid, 'SIGKILL');
      await reaper.remove(pid);
    }
    // From here on its number may be somebody else's.
    this.#gone = true;
    this.stdout.orphan();
    this.stderr.orphan();
    return exit;
  }
}

function exitOf(code: number | null, signal: NodeJS.Signals | null): Exit {
  if (signal !== null) return { exitCode: 128 + constants.signals[signal], reason: 'Error', signal };
  return { exitCode: code ?? 1, reason: code === 0 ? 'Completed' : 'Error' };
}
