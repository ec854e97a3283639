import { TRUE_COLOUR } from './ansi-style.ts';
import type { AnsiColour } from './ansi-style.ts';

/** The first 16, which terminals choose themselves; ours are VS Code's. As text on the row's own ground row.css has others. */
const BASE = [
  0x000000, 0xcd3131, 0x0dbc79, 0xe5e510, 0x2472c8, 0xbc3fbc, 0x11a8cd, 0xe5e5e5, 0x666666, 0xf14c4c, 0x23d18b,
  0xf5f543, 0x3b8eea, 0xd670d6, 0x29b8db, 0xffffff,
];

const LEVELS = [0, 95, 135, 175, 215, 255];

/** A colour as 0xRRGGBB: of the 256, xterm's cube of 216 and its 24 greys. */
export function rgbOf(colour: AnsiColour): number {
  if (colour >= TRUE_COLOUR) return colour - TRUE_COLOUR;
  if (colour < 16) return BASE[colour] ?? 0;
  if (colour >= 232) return (8 + (colour - 232) * 10) * 0x010101;
  const at = colour - 16;
  const level = (n: number): number => LEVELS[n % 6] ?? 0;
  return (level(Math.floor(at / 36)) << 16) | (level(Math.floor(at / 6)) << 8) | level(at);
}
