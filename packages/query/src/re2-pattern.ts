import { RE2JS, RE2JSException } from 're2js';

import type { Pattern } from './expression.ts';

const FLAGS: Readonly<Record<string, number>> = {
  i: RE2JS.CASE_INSENSITIVE,
  m: RE2JS.MULTILINE,
  s: RE2JS.DOTALL,
};

/** A compiled pattern: `size` is how many steps it may take for a character, at most. */
export interface Compiled {
  readonly size: number;
  test(text: string): boolean;
  /** Where it matches, from left to right, empty matches left out; each step to the next may look at the whole text. */
  matches(text: string): Iterable<{ readonly from: number; readonly to: number }>;
}

/** Compiles a pattern, or says in words why it is none. Never backtracks: its time is linear in the text. */
export function compilePattern({ source, flags }: Pattern): Compiled | string {
  try {
    const compiled = RE2JS.compile(source, bitsOf(flags));
    return {
      size: compiled.programSize(),
      test: (text) => compiled.test(text),
      matches: (text) => found(compiled, text),
    };
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    return error.message.replace(/^error parsing regexp: /, '').replaceAll('`', '"');
  }
}

function* found(compiled: RE2JS, text: string): Iterable<{ from: number; to: number }> {
  const matcher = compiled.matcher(text);
  while (matcher.find()) {
    const [from, to] = [matcher.start(), matcher.end()];
    if (to > from) yield { from, to };
  }
}

/** An instruction of a compiled pattern. */
interface Instruction {
  readonly op: number;
  readonly out: number;
  /** Of a fork, the other way. */
  readonly arg: number;
  matchRune(rune: number): boolean;
}

/** A compiled pattern, as the engine runs it; what its numbers mean stands beside it. */
export interface Program {
  readonly start: number;
  getInst(place: number): Instruction;
  readonly lastFork: number;
  readonly fail: number;
  readonly match: number;
  /** From here on instructions read a character. */
  readonly firstRune: number;
}

/** The numbers of the engine's instructions; 3, 4 and 7 go on without reading. */
const OPS = { lastFork: 2, fail: 5, match: 6, firstRune: 8, lastRune: 11 };
const [RUNE, RUNE_ANY, RUNE_ANY_NOT_NL] = [8, 10, 11];

/** The program of a pattern; undefined where it has instructions that are not known here. */
export function programOf({ source, flags }: Pattern): Program | undefined {
  const program = RE2JS.compile(source, bitsOf(flags)).re2Input.prog as {
    readonly start: number;
    numInst(): number;
    getInst(place: number): Instruction;
  };
  const instructions = Array.from({ length: program.numInst() }, (_, place) => program.getInst(place));
  if (instructions.some(({ op }) => op > OPS.lastRune)) return undefined;
  const readable = instructions.map((one) => ({ op: one.op, out: one.out, arg: one.arg, matchRune: matcher(one) }));
  return { start: program.start, ...OPS, getInst: (place) => readable[place] as Instruction };
}

function matcher(instruction: Instruction): (rune: number) => boolean {
  if (instruction.op === RUNE_ANY) return () => true;
  if (instruction.op === RUNE_ANY_NOT_NL) return (rune) => rune !== 10;
  return instruction.op >= RUNE ? (rune) => instruction.matchRune(rune) : () => false;
}

/** Text that every text has in which a pattern is found, but for capitals. */
export type RequiredText =
  string | { readonly type: 'all' | 'any'; readonly of: readonly (RequiredText | undefined)[] };

/** What must be there for a pattern to match; undefined where nothing is known. */
export function requiredText({ source, flags }: Pattern): RequiredText | undefined {
  // The engine knows of no required text where capitals do not matter. What is required where they do is required too.
  const sensitive = RE2JS.compile(source, bitsOf(flags.replace('i', '')));
  return requiredBy(sensitive.re2Input.prefilter as EnginePrefilter | null);
}

/** What the engine itself looks for before it begins. */
interface EnginePrefilter {
  readonly type: number;
  readonly subs: readonly EnginePrefilter[];
  readonly str: string;
}

const [EXACT, AND, OR] = [1, 2, 3];

function requiredBy(prefilter: EnginePrefilter | null): RequiredText | undefined {
  switch (prefilter?.type) {
    case EXACT:
      return prefilter.str;
    case AND:
    case OR:
      return { type: prefilter.type === AND ? 'all' : 'any', of: prefilter.subs.map(requiredBy) };
    default:
      return undefined;
  }
}

function bitsOf(flags: string): number {
  return [...flags].reduce((bits, flag) => bits | (FLAGS[flag] ?? 0), 0);
}
