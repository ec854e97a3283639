/**
 * Every value under a dotted name: `http.status` is `{ http: { status } }` and `{ "http.status": … }` alike, and of a list
 * each element counts, as search engines do it.
 */
export function valuesAt(root: unknown, name: string): unknown[] {
  const found: unknown[] = [];
  collect(root, name, found);
  return found;
}

function collect(value: unknown, name: string, found: unknown[]): void {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    // Lists in lists are not looked into: they may be nested deeper than the stack.
    for (const element of value) if (!Array.isArray(element)) collect(element, name, found);
    return;
  }
  const record = value as Record<string, unknown>;
  if (Object.hasOwn(record, name)) {
    const own = record[name];
    for (const one of Array.isArray(own) ? (own as unknown[]) : [own]) found.push(one);
  }
  for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
    const key = name.slice(0, dot);
    if (Object.hasOwn(record, key)) collect(record[key], name.slice(dot + 1), found);
  }
}
