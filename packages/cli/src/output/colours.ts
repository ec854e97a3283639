import type { Environment } from '../environment.ts';

export type ColourWhen = 'auto' | 'always' | 'never';

/** Whether to colour: as told, else on a terminal that can, and never with NO_COLOR (no-color.org). */
export function useColours(when: ColourWhen, terminal: boolean, env: Environment): boolean {
  if (when !== 'auto') return when === 'always';
  return terminal && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb';
}
