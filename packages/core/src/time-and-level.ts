/** What every writer's line begins with, and what stands before the level of one that has none elsewhere. */
const TIME = '{"timestamp":"';
const LEVEL = '"level":"';

/** As they stand in an entry. */
export interface TimeAndLevel {
  readonly timestamp?: string | undefined;
  readonly level?: string | undefined;
}

/**
 * Of a stored line, JSON without its index. Within strings quotes are escaped: what looks like a level is one, of the entry
 * or of its context.
 */
export function timeAndLevel(line: string): TimeAndLevel {
  if (!line.startsWith(TIME) || line.includes('"context":')) return JSON.parse(line) as TimeAndLevel;
  const at = line.indexOf(LEVEL);
  return { timestamp: quoted(line, TIME.length), level: at < 0 ? undefined : quoted(line, at + LEVEL.length) };
}

/** A string without escapes, from behind its first quote. */
const quoted = (line: string, begin: number): string => line.slice(begin, line.indexOf('"', begin));
