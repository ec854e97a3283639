import type { LogEntry } from '@kubidu/contracts';

import { logfmtFields } from './logfmt-fields.ts';
import { OWN_FIELDS, SHARED_FIELDS } from './own-fields.ts';
import { plainText } from './plain-text.ts';
import { valuesAt } from './values-at.ts';

const JSON_OBJECT = /^\s*\{/;

/** An entry that a query looks at; what it takes to answer is made once, and only if asked for. */
export class Subject {
  readonly #entry: LogEntry;
  #text: string | undefined;
  #json: unknown;
  #logfmt: ReadonlyMap<string, string> | undefined;

  constructor(entry: LogEntry) {
    this.#entry = entry;
  }

  /** The message without colours. */
  get text(): string {
    return (this.#text ??= plainText(this.#entry.message));
  }

  /** What stands under a name: of the entry, and of the line of JSON or logfmt that is its message. */
  values(name: string): unknown[] {
    const own = OWN_FIELDS.get(name);
    if (own !== undefined) {
      const value = this.#entry[own];
      return value === undefined ? [] : [value];
    }
    const shared = SHARED_FIELDS.includes(name.split('.', 1)[0] ?? '') ? valuesAt(this.#entry, name) : [];
    return [...shared, ...this.#ofMessage(name)];
  }

  #ofMessage(name: string): unknown[] {
    if (!JSON_OBJECT.test(this.text)) {
      const value = (this.#logfmt ??= logfmtFields(this.text)).get(name);
      return value === undefined ? [] : [value];
    }
    if (this.#json === undefined) this.#json = parsed(this.text);
    return valuesAt(this.#json, name);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // a line that only begins like JSON has no fields
  }
}
