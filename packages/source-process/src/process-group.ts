import { readdir, readFile } from 'node:fs/promises';

/** In the environment of each process we start, and so of all that these start. */
export const RUN_VARIABLE = 'KUBIDU_PROCESS_RUN';

/** Sends the signal to all of a process group (0 asks only); false where none is left. */
export function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-group, signal);
    return true;
  } catch (error) {
    // EPERM: somebody is there whom we may not signal, like a program that changed its user.
    return (error as NodeJS.ErrnoException).code === 'EPERM' && signal === 0;
  }
}

/** Whether anything of the group still runs. What has died but is not yet collected, as by a lazy init, does not. */
export async function groupRuns(group: number): Promise<boolean> {
  if (!signalGroup(group, 0)) return false;
  const pids = await allPids();
  if (pids.length === 0) return true;
  const fields = await Promise.all(pids.map((pid) => stat(pid)));
  return fields.some(([state, , itsGroup]) => Number(itsGroup) === group && state !== 'Z' && state !== 'X');
}

/** Kills whatever a run has started and that is still there, those that left their group too. Linux only: elsewhere none is found. */
export async function killRun(runId: string): Promise<number> {
  const marker = Buffer.from(`${RUN_VARIABLE}=${runId}\0`);
  const pids = await allPids();
  const found = await Promise.all(
    pids.map(async (pid) => ((await environment(pid)).includes(marker) ? pid : undefined)),
  );
  const ours = found.filter((pid) => pid !== undefined && pid !== process.pid);
  for (const pid of ours) killOne(pid as number);
  return ours.length;
}

async function environment(pid: number): Promise<Buffer> {
  try {
    return await readFile(`/proc/${pid}/environ`);
  } catch {
    return Buffer.alloc(0);
  }
}

function killOne(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has gone by itself.
  }
}

/** When the process was started, in the kernel's own count: with its pid it names a process for ever. '' where unknown. */
export async function startTime(pid: number): Promise<string> {
  return (await stat(pid))[19] ?? '';
}

/** The fields of /proc/<pid>/stat from the third on, the state. The name before it may contain anything. */
async function stat(pid: number): Promise<string[]> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'latin1');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}

/** Empty where the system has no /proc. */
async function allPids(): Promise<number[]> {
  const names = await readdir('/proc').catch(() => []);
  return names.filter((name) => /^\d+$/.test(name)).map(Number);
}

/** Whether that very process is still there. */
export async function isAlive(pid: number, startedAt: string): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return (await startTime(pid)) === startedAt;
}
