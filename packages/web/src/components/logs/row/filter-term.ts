import type { LogEntry } from '@kubidu/contracts';
import { compile } from '@kubidu/query/lazy';

/** Words that need no quotes behind a colon. */
const PLAIN = /^[A-Za-z0-9_][A-Za-z0-9_.@/+-]*$/;

const FIELD = /^[A-Za-z_@][\w@./-]*$/;

/**
 * The term of the query language that finds entries whose field has this value: `context.userId:42`, `msg:"a b"`. Where
 * the name cannot be written as a field, the text of both. Whatever it is, it finds `entry`; undefined where no term does.
 *
 * @param name dotted, without places in lists
 */
export function filterTerm(
  entry: LogEntry,
  name: string,
  key: string,
  value: string | number | boolean | null,
): string | undefined {
  const text = String(value);
  const candidates = FIELD.test(name)
    ? [`${name}:${typeof value !== 'string' || PLAIN.test(text) ? text : quoted(text)}`]
    : [];
  const pair = [JSON.stringify(key), JSON.stringify(value)];
  candidates.push(quoted(pair.join(':')), quoted(pair.join(': ')));
  return candidates.find((term) => finds(term, entry));
}

/** A phrase of the query language, which means itself. */
function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

function finds(term: string, entry: LogEntry): boolean {
  try {
    return compile(term).matches(entry);
  } catch {
    return false; // too long, or a level or stream that there is not
  }
}
