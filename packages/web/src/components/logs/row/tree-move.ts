import type { Field } from './field.ts';

/** What a key does in a tree. */
export interface TreeMove {
  /** The line that is current from now on. */
  readonly to?: string;
  /** The line that opens or closes. */
  readonly toggle?: string;
  /** The term to filter by. */
  readonly filter?: string;
}

/**
 * What a key does, after the pattern of the ARIA authoring guide (https://www.w3.org/WAI/ARIA/apg/patterns/treeview/), with
 * Enter to filter by a value. Undefined for keys that do nothing here.
 *
 * @param lines what is seen, from top to bottom
 */
export function treeMove(
  lines: readonly Field[],
  closed: ReadonlySet<string>,
  current: string | undefined,
  key: string,
): TreeMove | undefined {
  const at = Math.max(
    0,
    lines.findIndex(({ id }) => id === current),
  );
  const field = lines[at];
  if (!field) return undefined;
  const goTo = (place: number): TreeMove => ({
    to: (lines[Math.max(0, Math.min(place, lines.length - 1))] ?? field).id,
  });
  const opens = field.children.length > 0;
  switch (key) {
    case 'ArrowDown':
      return goTo(at + 1);
    case 'ArrowUp':
      return goTo(at - 1);
    case 'Home':
      return goTo(0);
    case 'End':
      return goTo(lines.length - 1);
    case 'ArrowRight':
      if (!opens) return {};
      return closed.has(field.id) ? { toggle: field.id } : goTo(at + 1);
    case 'ArrowLeft':
      if (opens && !closed.has(field.id)) return { toggle: field.id };
      return goTo(parentOf(lines, at));
    case 'Enter':
    case ' ':
      if (opens) return { toggle: field.id };
      return field.term === undefined ? {} : { filter: field.term };
    default:
      return undefined;
  }
}

function parentOf(lines: readonly Field[], at: number): number {
  const depth = lines[at]?.depth ?? 1;
  for (let above = at - 1; above >= 0; above--) if ((lines[above]?.depth ?? 1) < depth) return above;
  return at;
}
