import type { LogEntry } from '@kubidu/contracts';

import { CliError, EXIT } from './exit.ts';

/** What `--grep` and `--level` ask for. */
export interface QueryFlags {
  readonly grep?: string;
  /** The least severe that is wanted. */
  readonly level?: string;
}

/** A query that parses: as text for the server, and as a test for entries that are here already. */
export interface AskedQuery {
  readonly text: string;
  matches(entry: LogEntry): boolean;
}

/**
 * The query of the flags, or undefined where they ask for everything. Its code is loaded only where there is one.
 * @throws CliError usage, with a mark under the mistake
 */
export async function askedQuery({ grep, level }: QueryFlags): Promise<AskedQuery | undefined> {
  const least = level === undefined ? [] : [`level:>=${level}`];
  if (grep === undefined && level === undefined) return undefined;
  const { compile, QueryError } = await import('@kubidu/query');
  try {
    // By itself first: a column counts in what the user wrote.
    const written = compile(grep ?? '');
    const text = [...(written.everything ? [] : [`(${written.text})`]), ...least].join(' ');
    return text === '' ? undefined : compile(text);
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    throw new CliError(EXIT.usage, pointed(grep ?? '', error.column, error.message));
  }
}

/** How much of a long query is shown around its mistake. */
const SHOWN = 60;

/** What is wrong, and where: the query in a line of its own with a mark below. */
function pointed(query: string, column: number, message: string): string {
  const characters = [...query.replace(/\p{Cc}/gu, ' ')];
  const from = Math.max(0, column - 1 - SHOWN / 2);
  const shown = characters.slice(from, from + SHOWN).join('');
  return `--grep: ${message} (column ${column})\n  ${shown}\n  ${' '.repeat(column - 1 - from)}^`;
}
