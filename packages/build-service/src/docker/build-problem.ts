import type { StepFailure } from './build-graph.ts';

/** What the builder's own words mean for whoever pushed; the first that fits. */
const MEANINGS: readonly (readonly [RegExp, string])[] = [
  [/no space left on device|disk quota exceeded/i, 'the disk of the builder is full'],
  [
    /cannot connect to the docker daemon|error during connect|failed to receive status|error reading from server|code = Unavailable|transport is closing|connection reset by peer|broken pipe|unexpected EOF|daemon is shutting down|\bEOF$/im,
    'the Docker engine went away while it built',
  ],
  [
    /dockerfile parse error|unknown instruction|failed to parse dockerfile|the Dockerfile .* cannot be empty|file with no instructions|requires (exactly|at least) \w+ argument|no build stage in current context|target stage .* could not be found|failed to reach build target/i,
    'the Dockerfile cannot be built as it is',
  ],
  [
    /pull access denied|failed to resolve (source metadata|reference)|load metadata for|manifest (unknown|for .* not found)|failed to do request|no such host|repository does not exist|failed to authorize|TLS handshake timeout|docker\.io.*(denied|not found)/i,
    'an image that the Dockerfile builds upon could not be pulled',
  ],
  [/failed to push|push access denied|denied: requested access/i, 'the image could not be pushed'],
  [
    /(COPY|ADD) failed|failed to (compute cache key|calculate checksum)/i,
    'a file that the Dockerfile copies is not there',
  ],
];

/** Most of the builder's own words that are shown, in characters: the end of them. */
const WORDS = 8_192;

/** Why a build failed, in words: the step, what that means, then the builder's own. */
export function problemOf(said: string, failure?: StepFailure): string {
  const words = said.trim().slice(-WORDS);
  const code = exitCodeIn(failure?.error ?? '');
  // A command that failed by itself may have written anything: only a full disk shows in every program in the same way.
  const evidence = code === undefined ? `${failure?.name}\n${failure?.error}\n${words}` : (failure?.lastWords ?? '');
  const meanings = code === undefined ? MEANINGS : MEANINGS.slice(0, 1);
  const meaning = meanings.find(([pattern]) => pattern.test(evidence))?.[1];
  return [failure && stepWords(failure, code), meaning, words].filter((part) => part).join('\n');
}

function stepWords({ step, name }: StepFailure, code: number | undefined): string {
  return code === undefined ? `step ${step} failed: ${name}` : `step ${step} failed with exit code ${code}: ${name}`;
}

/** The exit code of the container in a step's error. */
export function exitCodeIn(error: string): number | undefined {
  const code = /exit code: (\d+)(?!.*exit code: \d)|returned a non-zero code: (\d+)/s.exec(error);
  return code ? Number(code[1] ?? code[2]) : undefined;
}
