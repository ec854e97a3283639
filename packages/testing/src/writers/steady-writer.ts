import { numberedLinesScript } from '../numbered-lines.ts';

/** How a steady writer writes. */
export interface SteadyWriterOptions {
  /** Default 20. */
  readonly linesPerRound?: number;
  /** Default 0.1. */
  readonly pauseSeconds?: number;
}

const FAREWELL = 'bye ';

/**
 * A shell command that writes numbered lines in small rounds until it gets SIGTERM, then `bye` and how many it wrote as
 * its last line, and exits with 0.
 */
export function steadyWriterScript({ linesPerRound = 20, pauseSeconds = 0.1 }: SteadyWriterOptions = {}): string {
  const round = numberedLinesScript(linesPerRound).replace('from=1 ', 'from=$n ');
  return [
    `n=1; trap 'stop=1' TERM`,
    `while [ -z "$stop" ]; do ${round}; n=$((n+${linesPerRound})); sleep ${pauseSeconds}; done`,
    `echo ${FAREWELL}$((n-1))`,
  ].join('; ');
}

/** How many lines a steady writer says to have written; undefined for any other line. */
export function farewellOf(message: string): number | undefined {
  return message.startsWith(FAREWELL) ? Number(message.slice(FAREWELL.length)) : undefined;
}
