/** Fewest characters of a secret, of a line of one, and of a form of either that are looked for: less is in every text. */
export const LEAST_SECRET = 4;

const LINE_BREAKS = /[\r\n]+/g;
const encoder = new TextEncoder();

/**
 * Every form under which the values are looked for, without line breaks: each value, and each line of those with several,
 * as it is and escaped for a URL, as base64 (at each of its three shifts, in both alphabets), as hex, for JSON and for a
 * shell. Values, lines and forms of less than {@link LEAST_SECRET} characters are left out.
 */
export function secretForms(values: Iterable<string>): Set<string> {
  const forms = new Set<string>();
  for (const value of values)
    for (const part of parts(value))
      for (const form of encodings(part)) {
        const joined = form.replace(LINE_BREAKS, '');
        if (joined.length >= LEAST_SECRET) forms.add(joined);
      }
  return forms;
}

/** The whole, without the line break that a file ends with, and its lines. */
function* parts(value: string): Iterable<string> {
  const whole = value.replace(/[\r\n]+$/, '');
  for (const part of new Set([value, whole, ...whole.split(/\r\n|\r|\n/).flatMap((line) => [line, line.trim()])]))
    if (part.trim().length >= LEAST_SECRET) yield part;
}

function* encodings(text: string): Iterable<string> {
  yield text;
  const bytes = encoder.encode(text);
  yield* url(text);
  yield* base64(bytes);
  const hex = Buffer.from(bytes).toString('hex');
  yield hex;
  yield hex.toUpperCase();
  yield* json(text);
  yield* shell(text);
}

/** What the usual encoders make of it: they differ in what they leave as it is, in the space, and in the case of digits. */
function* url(text: string): Iterable<string> {
  const loose = encodeURIComponent(text.toWellFormed());
  const strict = loose.replace(/[!'()*]/g, percent);
  for (const encoded of [
    loose,
    strict,
    strict.replaceAll('~', '%7E'),
    strict.replaceAll('%2F', '/'),
    encodeURI(text.toWellFormed()),
  ])
    for (const spaced of [encoded, encoded.replaceAll('%20', '+')]) {
      yield spaced;
      yield spaced.replace(/%[0-9A-F]{2}/g, (digits) => digits.toLowerCase());
    }
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

/**
 * The characters that the bytes alone decide, wherever in a longer text they begin; and with those at its end that show
 * what follows: nothing, or the line feed that `echo` adds.
 */
function* base64(bytes: Uint8Array): Iterable<string> {
  for (const shift of [0, 1, 2]) {
    // The character in which what comes before ends belongs to both.
    const first = Math.ceil((shift * 8) / 6);
    for (const end of [[], [10]]) {
      const encoded = Buffer.concat([new Uint8Array(shift), bytes, Uint8Array.from(end)]).toString('base64');
      const whole = encoded.slice(first).replace(/=+$/, '');
      const decided = encoded.slice(first, Math.floor(((shift + bytes.length) * 8) / 6));
      for (const form of [decided, whole]) {
        yield form;
        yield form.replaceAll('+', '-').replaceAll('/', '_');
      }
    }
  }
}

/** As JSON.stringify writes it, and as Go, PHP and Python do by default; also as JSON within JSON. */
function* json(text: string): Iterable<string> {
  const plain = inside(text);
  const html = plain.replace(/[<>&\u2028\u2029]/g, unicode);
  for (const once of [
    plain,
    html,
    html.replaceAll("'", '\\u0027'),
    plain.replaceAll('/', '\\/'),
    plain.replace(/[\u007f-\uffff]/g, unicode),
    plain.replaceAll('/', '\\/').replace(/[\u007f-\uffff]/g, unicode),
  ]) {
    yield once;
    yield once.replace(/\\u[0-9a-f]{4}/g, (escape) => `\\u${escape.slice(2).toUpperCase()}`);
    yield inside(once);
  }
}

function inside(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function unicode(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** Within single quotes, within double quotes, with backslashes, and as bash's `$'…'`. */
function* shell(text: string): Iterable<string> {
  yield text.replaceAll("'", "'\\''");
  yield text.replaceAll("'", `'"'"'`);
  yield text.replace(/["\\$`]/g, '\\$&');
  yield text.replace(/["\\$`!]/g, '\\$&');
  for (const bare of ['_@%+=:,./-', '_@%+:./-', '_@%+=:./#~-'])
    yield text.replace(/[!-/:-@[-`{-~ ]/g, (character) => (bare.includes(character) ? character : `\\${character}`));
  yield text.replace(/[\\']/g, '\\$&').replace(/[\n\r\t]/g, (character) => ANSI_C[character] ?? character);
}

const ANSI_C: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };
