/** `name=value` at the beginning of a line or behind a space, the value in quotes or up to the next space. */
const PIECE = /(?:^|\s)([^\s="]+)=(?:"((?:[^"\\]|\\.)*)"(?=\s|$)|([^\s"]*)(?=\s|$))|"(?:[^"\\]|\\.)*"?/gs;
/** What else stands behind a backslash is text, and so is the backslash: a Windows path, a regular expression. */
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\', '/': '/' };

/** The fields of a logfmt line, or of one that has some among its words; of one that comes twice, the last. */
export function logfmtFields(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  if (!text.includes('=')) return fields;
  for (const [, name, quoted, plain] of text.matchAll(PIECE))
    if (name !== undefined) fields.set(name, plain ?? unescaped(quoted ?? ''));
  return fields;
}

function unescaped(text: string): string {
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/gs, (escape, code: string | undefined, character: string) =>
    code === undefined ? (ESCAPES[character] ?? escape) : String.fromCharCode(Number.parseInt(code, 16)),
  );
}
