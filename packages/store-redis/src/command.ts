import { readFileSync } from 'node:fs';

/** The Lua commands, each named after its file, which ends in its number of KEYS. */
export const COMMANDS = [
  'append-5',
  'raise-2',
  'end-1',
  'trim-5',
  'acquire-2',
  'renew-2',
  'release-1',
  'claim-1',
  'create-3',
  'change-2',
  'forget-4',
] as const;

/** One of {@link COMMANDS}. */
export type CommandName = (typeof COMMANDS)[number];

/** A Lua command's text. It lies with the sources, whether these run or what was built from them. */
export function luaOf(name: CommandName): string {
  return readFileSync(new URL(`../src/commands/${name}.lua`, import.meta.url), 'utf8');
}

/** How many of its arguments are keys. */
export function keysTakenBy(name: CommandName): number {
  return Number(name.slice(name.lastIndexOf('-') + 1));
}
