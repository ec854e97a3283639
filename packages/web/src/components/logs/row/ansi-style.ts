/** A colour of the palette (0 to 255), or `TRUE_COLOUR` plus 0xRRGGBB. */
export type AnsiColour = number;

/** From here on a number is a true colour: 0xRRGGBB behind it. */
export const TRUE_COLOUR = 0x1000000;

/** Written like the other colours; an underline has its text's. */
const UNDERLINE_COLOUR = 58;

/** How a stretch of text is drawn. Absent colours are the row's own. */
export interface AnsiStyle {
  readonly fg?: AnsiColour;
  readonly bg?: AnsiColour;
  readonly bold?: true;
  readonly dim?: true;
  readonly italic?: true;
  readonly underline?: true;
  readonly inverse?: true;
  readonly strike?: true;
}

type Writable = { -readonly [name in keyof AnsiStyle]: AnsiStyle[name] };

/**
 * A style after a colour sequence (SGR, ECMA-48 8.3.117, with xterm's 256 and true colours, in semicolons and in colons).
 * Undefined when nothing is left of it. What it does not know changes nothing; concealed text stays visible: a log has no
 * right to hide from its reader.
 *
 * @param parameters what stands between `ESC [` and `m`
 */
export function restyled(style: AnsiStyle | undefined, parameters: string): AnsiStyle | undefined {
  const next: Writable = { ...style };
  const groups = parameters.split(';');
  for (let at = 0; at < groups.length; at++) {
    const group = groups[at] ?? '';
    const [first = '', ...rest] = group.split(':');
    const code = Number(first);
    if (code === 38 || code === 48 || code === UNDERLINE_COLOUR) {
      const inColons = rest.length > 0;
      const given = inColons ? rest : groups.slice(at + 1, at + 5);
      const colour = extendedColour(given, inColons);
      if (!inColons) at += given[0] === '5' ? 2 : given[0] === '2' ? 4 : 0;
      if (colour !== undefined && code !== UNDERLINE_COLOUR) next[code === 38 ? 'fg' : 'bg'] = colour;
    } else if (code === 4 && rest.length > 0) {
      if (rest[0] === '0') delete next.underline;
      else next.underline = true;
    } else apply(next, code);
  }
  return Object.keys(next).length === 0 ? undefined : next;
}

/** `5;n`, `2;r;g;b`; in colons also `2:<colour space>:r:g:b`. */
function extendedColour(given: readonly string[], inColons: boolean): AnsiColour | undefined {
  if (given[0] === '5') return byte(given[1]);
  if (given[0] !== '2') return undefined;
  const [r, g, b] = given.slice(inColons && given.length > 4 ? 2 : 1).map(byte);
  if (r === undefined || g === undefined || b === undefined) return undefined;
  return TRUE_COLOUR + ((r << 16) | (g << 8) | b);
}

function byte(text: string | undefined): number | undefined {
  const value = Number(text);
  return text !== undefined && Number.isInteger(value) && value >= 0 && value <= 255 ? value : undefined;
}

function apply(style: Writable, code: number): void {
  if (code >= 30 && code <= 37) style.fg = code - 30;
  else if (code >= 40 && code <= 47) style.bg = code - 40;
  else if (code >= 90 && code <= 97) style.fg = code - 90 + 8;
  else if (code >= 100 && code <= 107) style.bg = code - 100 + 8;
  else CODES[code]?.(style);
}

const CODES: Readonly<Record<number, (style: Writable) => void>> = {
  0: (style) => {
    for (const name of Object.keys(style) as (keyof AnsiStyle)[]) delete style[name];
  },
  1: (style) => (style.bold = true),
  2: (style) => (style.dim = true),
  3: (style) => (style.italic = true),
  4: (style) => (style.underline = true),
  7: (style) => (style.inverse = true),
  9: (style) => (style.strike = true),
  21: (style) => (style.underline = true),
  22: (style) => {
    delete style.bold;
    delete style.dim;
  },
  23: (style) => delete style.italic,
  24: (style) => delete style.underline,
  27: (style) => delete style.inverse,
  29: (style) => delete style.strike,
  39: (style) => delete style.fg,
  49: (style) => delete style.bg,
};
