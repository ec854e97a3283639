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
 * @param {{ except?: string | undefined }} [options] `except`: a folder whose daemons are not the tests' own; they
 *   inherit the variable when a test restarts one
 * @returns {{ pid: number, command: string }[]} empty where the system has no /proc
 */
export function processesMarked(name, value, { except } = {}) {
  const found = [];
  for (const entry of list('/proc')) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid || birthOf(pid) === undefined) continue;
    if (!read(`/proc/${pid}/environ`).split('\0').includes(`${name}=${value}`)) continue;
    const command = read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();
    if (except !== undefined && command.includes(except)) continue;
    found.push({ pid, command: command.slice(0, 160) });
  }
  return found;
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
