import { z } from 'zod';

/** Variables by their names. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Configuration that cannot be used: every mistake at once. None of them shows a secret's value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly mistakes: readonly string[];

  constructor(mistakes: readonly string[]) {
    super(`${mistakes.length} mistakes in the configuration`);
    this.mistakes = mistakes;
  }
}

/** The variables that are set; an empty one counts as absent. */
export function givenOf(environment: Environment): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(environment).filter(([, value]) => value?.trim()));
}

/**
 * Reads settings by their table.
 * @param secrets names of those whose values are not shown @param found mistakes that are known already
 * @throws {ConfigError} with every mistake
 */
export function readSettings<T extends z.ZodRawShape>(
  table: T,
  given: Environment,
  secrets: readonly string[],
  found: readonly string[] = [],
): z.output<z.ZodObject<T>> {
  const parsed = z.object(table).safeParse(given);
  if (parsed.success) return parsed.data;
  const mistakes = parsed.error.issues.map((issue) => {
    const name = String(issue.path[0]);
    const value = secrets.includes(name) ? '' : `=${given[name]?.slice(0, 80)}`;
    return `${name}${value}: ${issue.message}`;
  });
  throw new ConfigError([...new Set([...found, ...mistakes])]);
}
