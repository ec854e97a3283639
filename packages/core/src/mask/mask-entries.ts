import type { NewEntry } from '@kubidu/contracts';

import type { Masker } from './masker.ts';

/** What of an entry is free text. */
type Free = Pick<NewEntry, 'message' | 'state' | 'location' | 'context'>;

/**
 * Entries that come together, masked: the messages as lines of one output, since what is spread over lines is sent as
 * entries in a row; `state`, `location` and every string in `context` (not its keys) each by itself. An entry with nothing
 * to mask is the same object.
 */
export function maskEntries<T extends Free>(masker: Masker, entries: readonly T[]): T[] {
  const messages = maskLines(
    masker,
    entries.map(({ message }) => message),
  );
  return entries.map((entry, at) => {
    const message = messages[at] ?? entry.message;
    const rest = maskRest(masker, entry);
    return message === entry.message && rest === undefined ? entry : { ...entry, ...rest, message };
  });
}

function maskLines(masker: Masker, given: readonly string[]): string[] {
  const masked = [...given];
  const open: number[] = [];
  const output = masker.output((message) => (masked[open.shift() ?? 0] = message));
  given.forEach((message, at) => {
    const taken = output.take(message, false);
    if (taken === undefined) open.push(at);
    else masked[at] = taken;
  });
  output.settle();
  return masked;
}

/** The fields besides the message in which something was masked; undefined where nothing was. */
function maskRest(masker: Masker, { state, location, context }: Free): Partial<Free> | undefined {
  const given = {
    ...(state !== undefined && { state }),
    ...(location !== undefined && { location }),
    ...(context && { context }),
  };
  const masked = maskValue(masker, given);
  return masked === given ? undefined : (masked as Partial<Free>);
}

/** The value with every string in it masked; the same one where nothing was. */
function maskValue(masker: Masker, value: unknown): unknown {
  if (typeof value === 'string') return masker.text(value);
  if (typeof value !== 'object' || value === null) return value;
  let changed = false;
  const mask = (inner: unknown) => {
    const masked = maskValue(masker, inner);
    changed ||= masked !== inner;
    return masked;
  };
  const masked = Array.isArray(value)
    ? value.map(mask)
    : Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, mask(inner)]));
  return changed ? masked : value;
}
