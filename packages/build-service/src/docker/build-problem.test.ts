import { expect, it } from '@jest/globals';

import { exitCodeIn, problemOf } from './build-problem.ts';

// Each as an engine said it, of version 20.10 or of a newer one.
it.each([
  [
    'ERROR: failed to solve: dockerfile parse error on line 2: unknown instruction: RUNN',
    'the Dockerfile cannot be built as it is',
  ],
  ['ERROR: failed to solve: the Dockerfile (Dockerfile) cannot be empty', 'the Dockerfile cannot be built as it is'],
  ['ERROR: failed to solve: target stage "x" could not be found', 'the Dockerfile cannot be built as it is'],
  [
    'ERROR: failed to solve: nope: failed to resolve source metadata for docker.io/library/nope:latest: pull access denied',
    'an image that the Dockerfile builds upon could not be pulled',
  ],
  [
    'ERROR: failed to solve: failed to copy files: userspace copy failed: write /x: no space left on device',
    'the disk of the builder is full',
  ],
  [
    'ERROR: failed to solve: failed to push registry.example/x: denied: requested access to the resource is denied',
    'the image could not be pushed',
  ],
  [
    'ERROR: failed to receive status: rpc error: code = Unavailable desc = error reading from server: EOF',
    'the Docker engine went away while it built',
  ],
])('says what “%s” means', (said, meaning) => {
  expect(problemOf(said)).toBe(`${meaning}\n${said}`);
});

it('says of a command that failed by itself its exit code, and nothing that it only printed', () => {
  const failure = { step: 5, name: 'RUN test', error: 'process "x" did not complete successfully: exit code: 3' };
  const said = 'ERROR: failed to solve: process "x" did not complete successfully: exit code: 3';
  expect(problemOf(said, { ...failure, lastWords: 'pull access denied' })).toBe(
    `step 5 failed with exit code 3: RUN test\n${said}`,
  );
  expect(problemOf(said, { ...failure, lastWords: 'cp: No space left on device' })).toContain(
    'the disk of the builder is full',
  );
});

it.each([
  ['process "sh -c exit code: 9" did not complete successfully: exit code: 3', 3],
  ["The command '/bin/sh -c exit 3' returned a non-zero code: 3", 3],
  ['failed to solve', undefined],
])('reads the exit code of %s', (error, code) => {
  expect(exitCodeIn(error)).toBe(code);
});
