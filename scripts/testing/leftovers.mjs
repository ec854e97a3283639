import { readFileSync, readdirSync } from 'node:fs';

/**
 * When a process was born, in the system's ticks: with its id, the name of exactly this process.
 * @param {number} pid
 * @returns {number | undefined} undefined when there is none, or only its remains
 */
export function birthOf(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return fields[0] === 'Z' ? undefined : Number(fields[19]);
  } catch {
    return undefined;
  }
}

/**
 * Processes that carry this variable in their environment: what the tests started, and what that started in turn.
 * @param {string} name
 * @param {string} value
 * @param {{ except?: readonly string[] }} [options] `except`: folders whose daemons are not the tests' own; they
 *   inherit the variable when a test restarts one
 * @returns {{ pid: number, command: string }[]} empty where the system has no /proc
 */
export function processesMarked(name, value, { except = [] } = {}) {
  return processes()
    .filter(({ pid }) => read(`/proc/${pid}/environ`).split('\0').includes(`${name}=${value}`))
    .filter(({ command }) => !except.some((folder) => command.includes(folder)))
    .map(({ pid, command }) => ({ pid, command: command.slice(0, 160) }));
}

/**
 * Processes that belong to this folder: their command names it, or their root lies in it, as that of a container does.
 * @param {string} folder
 * @returns {{ pid: number, command: string }[]}
 */
export function processesOf(folder) {
  const isRoot = (/** @type {string} */ mount) => mount.includes(' / / ') && mount.includes(folder);
  return processes().filter(
    ({ pid, command }) => command.includes(folder) || read(`/proc/${pid}/mountinfo`).split('\n').some(isRoot),
  );
}

/** @type {(pid: number) => void} */
export function end(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Ended between the look and the kill.
  }
}

/** All but this one and the remains of ended ones. */
function processes() {
  return list('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid !== process.pid && birthOf(pid) !== undefined)
    .map((pid) => ({ pid, command: read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim() }));
}

/** @type {(folder: string) => string[]} */
function list(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** @type {(file: string) => string} */
function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
