import { LIMITS } from '@kubidu/contracts';
import { Excerpt, scan } from '@kubidu/core';
import type { QueryFilter, ReadRange, Scan, Stretch } from '@kubidu/core';

/** Which of the newest are wanted: `count` of those from `firstIndex` to `through`. */
export interface Newest {
  readonly firstIndex: number;
  readonly through: number;
  readonly count: number;
}

/** Where the newest that match begin, and they themselves where they fit into one `logs:history`. */
export interface FoundNewest {
  readonly after: number;
  readonly excerpts?: readonly Excerpt[];
}

/**
 * Looks backwards for the newest that match, through {@link LIMITS.scanNewestEntries} entries at most: where there are
 * fewer in those, it begins there.
 */
export async function newestMatching(
  read: (range: ReadRange) => Promise<Stretch>,
  { firstIndex, through, count }: Newest,
  filter: QueryFilter,
  signal: AbortSignal,
): Promise<FoundNewest> {
  let before = through + 1;
  let wanted = count;
  let most: number = LIMITS.scanNewestEntries;
  let steps = 0;
  let found: readonly Excerpt[] | undefined;
  while (wanted > 0 && most > 0 && before > firstIndex) {
    const step = await scan(read, { before, limit: wanted }, filter, { most, signal });
    if (step.scanned === 0) break;
    // A second step means that they are large: they are not kept, but read again on the way forward.
    found = ++steps === 1 ? excerptsOf(step, firstIndex) : undefined;
    wanted -= linesOf(step);
    most -= step.scanned;
    before = step.edge;
  }
  const after = Math.max(before, firstIndex) - 1;
  return found && count - wanted <= LIMITS.historyEntries ? { after, excerpts: found } : { after };
}

/** What was found, unless something between it can no longer be had: then it has to be walked through, and that told. */
function excerptsOf({ parts }: Scan, firstIndex: number): Excerpt[] | undefined {
  const excerpts: Excerpt[] = [];
  for (const part of parts) {
    if (part instanceof Excerpt) excerpts.push(part);
    else if (part.to >= firstIndex) return undefined;
  }
  return excerpts;
}

function linesOf({ parts }: Scan): number {
  return parts.reduce((sum, part) => sum + (part instanceof Excerpt ? part.lines.length : 0), 0);
}
