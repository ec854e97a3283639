import type { Field } from './field.ts';

/** The lines of a tree that are seen, from top to bottom: those with nothing closed above them. */
export function visibleFields(fields: readonly Field[], closed: ReadonlySet<string>): readonly Field[] {
  return fields.flatMap((field) =>
    closed.has(field.id) ? [field] : [field, ...visibleFields(field.children, closed)],
  );
}
