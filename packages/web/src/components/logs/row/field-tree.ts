import type { LogEntry } from '@kubidu/contracts';
import { logfmtFields, plainText } from '@kubidu/query/lazy';
import { number } from '@kubidu/text';

import type { Field } from './field.ts';
import { filterTerm } from './filter-term.ts';

/** Most lines of a tree, and how deep it goes; the rest is counted. */
const MOST_FIELDS = 500;
const DEPTH = 24;
const NAME_LENGTH = 256;
const VALUE_LENGTH = 2_048;
/** How much may be read to find out what finds a value, in UTF-16 units: each time, all of the message. Values beyond have no term. */
const READ_FOR_TERMS = 16 * 1024 * 1024;

/** Fields of structured sources that an entry has beside its message. */
const BESIDE = ['id', 'state', 'location', 'elapsed', 'context'] as const;

const NAMED = /(?:^|\s)[A-Za-z_@][^\s="]*=/g;

/**
 * Whether an entry seems to have fields, at a glance: its message begins and ends like an object, has two or more
 * `name=value`, or its source sent fields beside it.
 */
export function hasFields({ message, context }: LogEntry): boolean {
  if (context !== undefined) return true;
  const text = message.length > 65_536 ? message.slice(0, 65_536) : message;
  if (/^(?:\x1b\[[\d;]*m|\s)*\{\s*"/.test(text)) return /\}(?:\x1b\[[\d;]*m|\s)*$/.test(message.slice(-64));
  if (!text.includes('=')) return false;
  NAMED.lastIndex = 0;
  return NAMED.test(text) && NAMED.test(text);
}

/** The fields of an entry, as a tree: of its message in JSON or logfmt, and those beside it. Bounded, whatever they are. */
export function fieldTree(entry: LogEntry): readonly Field[] {
  const tree = new Tree(entry);
  for (const name of BESIDE) if (entry[name] !== undefined) tree.add(name, entry[name]);
  for (const [name, value] of ofMessage(plainText(entry.message))) tree.add(name, value);
  return tree.fields;
}

function ofMessage(text: string): Iterable<[string, unknown]> {
  if (!/^\s*\{/.test(text)) return logfmtFields(text);
  try {
    return Object.entries(JSON.parse(text) as object);
  } catch {
    return []; // it only begins like JSON
  }
}

type Value = string | number | boolean | null;

class Tree {
  readonly fields: Field[] = [];
  readonly #entry: LogEntry;
  #left = MOST_FIELDS;
  #readLeft = READ_FOR_TERMS;

  constructor(entry: LogEntry) {
    this.#entry = entry;
  }

  add(name: string, value: unknown): void {
    if (this.#left > 0) this.fields.push(this.#field(name, value, name, 1, String(this.fields.length)));
  }

  /** @param path how the query language calls it: dotted, and in a list what the list is called */
  #field(name: string, value: unknown, path: string, depth: number, id: string): Field {
    this.#left--;
    const shared = { id, name: cut(name, NAME_LENGTH), depth };
    if (typeof value !== 'object' || value === null) return { ...shared, ...this.#value(name, value as Value, path) };
    const list = Array.isArray(value);
    // Only as many names are listed as can be shown.
    const entries = list ? (value as unknown[]).entries() : Object.entries(value).values();
    const size = list ? value.length : Object.keys(value).length;
    const children: Field[] = [];
    if (depth < DEPTH) {
      for (const [key, child] of entries) {
        if (this.#left <= 0) break;
        const below = list ? path : `${path}.${key}`;
        children.push(this.#field(String(key), child, below, depth + 1, `${id}.${children.length}`));
      }
    }
    return {
      ...shared,
      type: list ? 'list' : 'object',
      text: counted(size, list),
      children,
      more: size - children.length,
    };
  }

  #value(key: string, value: Value, path: string): Omit<Field, 'id' | 'name' | 'depth'> {
    const type: Field['type'] = value === null ? 'null' : (typeof value as 'string' | 'number' | 'boolean');
    const text = String(value);
    const term = this.#term(key, value, path, text);
    const shown = { type, text: cut(text, VALUE_LENGTH), children: [], more: 0 };
    return term === undefined ? shown : { ...shown, term };
  }

  #term(key: string, value: Value, path: string, text: string): string | undefined {
    if (text.length > VALUE_LENGTH || path.length > NAME_LENGTH || this.#readLeft < 0) return undefined;
    this.#readLeft -= this.#entry.message.length;
    return filterTerm(this.#entry, path, key, value);
  }
}

function counted(size: number, list: boolean): string {
  if (list) return size === 1 ? '1 element' : `${number(size)} elements`;
  return size === 1 ? '1 field' : `${number(size)} fields`;
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}
