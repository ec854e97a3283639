import { isId } from '@kubidu/contracts';
import { LogsError } from '@kubidu/core';

/** One line of a Procfile: a process type is a service, its command what each of its pods runs. */
export interface ProcessType {
  readonly serviceId: string;
  /** For `/bin/sh -c`. */
  readonly command: string;
}

/** Most replicas of one process type. */
const REPLICAS_MOST = 100;

/**
 * Reads a Procfile: `name: command` on each line, empty lines and those that begin with `#` aside.
 * @param name of the file, for errors
 * @throws {LogsError} INVALID_ARGUMENT, naming each wrong line
 */
export function parseProcfile(text: string, name = 'Procfile'): readonly ProcessType[] {
  const types = new Map<string, ProcessType>();
  const details = text.split(/\r?\n/).flatMap((line, at) => {
    if (/^\s*(#|$)/.test(line)) return [];
    const [, serviceId = '', command = ''] = /^\s*([^\s:]+)\s*:\s*(.*?)\s*$/.exec(line) ?? [];
    const wrong = wrongType(serviceId, command, types);
    if (wrong !== undefined) return [{ field: `${name}:${at + 1}`, message: wrong }];
    types.set(serviceId, { serviceId, command });
    return [];
  });
  if (types.size === 0 && details.length === 0) details.push({ field: name, message: 'names no process' });
  if (details.length > 0) throw invalid(details);
  return [...types.values()];
}

function wrongType(serviceId: string, command: string, known: ReadonlyMap<string, ProcessType>): string | undefined {
  if (serviceId === '') return 'must be `name: command`';
  if (!isId(serviceId))
    return `${JSON.stringify(serviceId)} must be 1 to 128 letters, digits, dots, dashes or underscores`;
  if (command === '') return `${serviceId} has no command`;
  return known.has(serviceId) ? `${serviceId} is there twice` : undefined;
}

/**
 * Reads a formation like `web=3,worker=1`: how many pods each process type has, 1 where it is not named.
 * @throws {LogsError} INVALID_ARGUMENT, naming each wrong part
 */
export function parseFormation(formation: string, types: readonly ProcessType[]): ReadonlyMap<string, number> {
  const replicas = new Map(types.map(({ serviceId }) => [serviceId, 1]));
  const parts = formation.split(',').filter((part) => part.trim() !== '');
  const details = parts.flatMap((part) => {
    const [, serviceId = '', count = ''] = /^\s*([^\s=]+)\s*=\s*(\d{1,6})\s*$/.exec(part) ?? [];
    const wrong = wrongReplicas(serviceId, Number(count), replicas);
    if (wrong !== undefined) return [{ field: 'formation', message: wrong }];
    replicas.set(serviceId, Number(count));
    return [];
  });
  if (details.length > 0) throw invalid(details);
  return replicas;
}

function wrongReplicas(serviceId: string, count: number, known: ReadonlyMap<string, number>): string | undefined {
  if (serviceId === '') return 'must be like web=3,worker=1';
  if (!known.has(serviceId)) return `the Procfile has no ${serviceId}; it has ${[...known.keys()].join(', ')}`;
  return count > REPLICAS_MOST ? `${serviceId}=${count} is more than ${REPLICAS_MOST}` : undefined;
}

function invalid(details: readonly { field: string; message: string }[]): LogsError {
  return new LogsError('INVALID_ARGUMENT', details.map(({ field, message }) => `${field}: ${message}`).join('; '), {
    details,
  });
}
