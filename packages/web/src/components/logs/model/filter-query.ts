import type { LogView } from '../log-view.ts';

/** What narrows a log down to fewer lines, as far as a query can say it. */
export type Narrowing = Pick<LogView, 'level' | 'pods' | 'containers' | 'step'>;

/**
 * One query for everything that was chosen, in the words of the query language: what the server and we ask are then the
 * same. Empty where nothing was chosen.
 */
export function filterQuery({ level, pods, containers, step }: Narrowing, query = ''): string {
  const terms = [
    step === undefined ? '' : `step:${step}`,
    level === undefined ? '' : `level:>=${level.toLowerCase()}`,
    oneOf('pod', pods),
    oneOf('container', containers),
    query.trim() === '' ? '' : `(${query.trim()})`,
  ].filter((term) => term !== '');
  return terms.length === 1 ? (terms[0] as string) : terms.join(' ');
}

function oneOf(field: string, values: readonly string[] | undefined): string {
  if (values === undefined || values.length === 0) return '';
  const names = values.map((value) => `"${value.replaceAll(/["\\]/g, '\\$&')}"`);
  return names.length === 1 ? `${field}:${names[0]}` : `${field}:(${names.join(' OR ')})`;
}
