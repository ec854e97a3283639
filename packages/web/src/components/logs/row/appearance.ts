import type { CSSProperties } from 'react';

import { rgbOf } from './ansi-palette.ts';
import type { AnsiColour, AnsiStyle } from './ansi-style.ts';
import { contrast } from './colour-contrast.ts';

/** What an element needs to look like a style: classes of row.css, and for colours without a class a custom property. */
export interface Appearance {
  readonly className: string;
  /** React sets it through CSSOM, which a content security policy without `unsafe-inline` allows. */
  readonly style?: CSSProperties;
}

/** Least contrast of a text whose ground the log chose too; with less it is black or white. */
const READABLE = 4.5;

/**
 * How a style is drawn. Text on the row's own ground is moved towards the theme until one can read it (row.css); text on a
 * ground of the log's choice keeps its colour if one can read it there.
 */
export function appearance(ansi: AnsiStyle): Appearance {
  const classes: string[] = [];
  const properties: Record<string, string> = {};
  if (ansi.bold) classes.push('ansi-bold');
  if (ansi.italic) classes.push('ansi-italic');
  if (ansi.underline) classes.push('ansi-underline');
  if (ansi.strike) classes.push('ansi-strike');
  const [fg, bg] = ansi.inverse ? [ansi.bg, ansi.fg] : [ansi.fg, ansi.bg];
  if (bg !== undefined) onGround(fg, bg, classes, properties);
  else if (ansi.inverse) classes.push('ansi-inverse');
  else if (fg !== undefined) {
    classes.push(fg < 16 ? `ansi-${fg}` : 'ansi-fg');
    if (fg >= 16) properties['--ansi-fg'] = hex(rgbOf(fg));
  }
  if (ansi.dim && bg === undefined) classes.push(fg === undefined ? 'ansi-dim' : 'ansi-dim-colour');
  const className = classes.join(' ');
  return Object.keys(properties).length === 0 ? { className } : { className, style: properties };
}

function onGround(
  fg: AnsiColour | undefined,
  bg: AnsiColour,
  classes: string[],
  properties: Record<string, string>,
): void {
  const ground = rgbOf(bg);
  classes.push(bg < 16 ? `ansi-on-${bg}` : 'ansi-on');
  if (bg >= 16) properties['--ansi-bg'] = hex(ground);
  if (fg !== undefined && contrast(rgbOf(fg), ground) >= READABLE) {
    classes.push('ansi-ink');
    properties['--ansi-fg'] = hex(rgbOf(fg));
  } else classes.push(contrast(0x000000, ground) >= contrast(0xffffff, ground) ? 'ansi-ink-black' : 'ansi-ink-white');
}

function hex(rgb: number): string {
  return `#${rgb.toString(16).padStart(6, '0')}`;
}
