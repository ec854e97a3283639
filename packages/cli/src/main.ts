import { CommanderError } from 'commander';

import type { World } from './environment.ts';
import { EXIT, Stopped } from './exit.ts';
import { program } from './program.ts';
import type { Outcome } from './program.ts';

const owner = new AbortController();

/** The first signal ends the command in good order, the second at once. */
function stopOn(signal: NodeJS.Signals, exitCode: number): void {
  process.on(signal, () => {
    if (owner.signal.aborted) process.exit(exitCode);
    owner.abort(new Stopped(exitCode));
  });
}

async function run(): Promise<number> {
  const { env, stdin, stdout, stderr } = process;
  const world: World = { env, folder: process.cwd(), stdin, stdout, stderr, signal: owner.signal };
  const outcome: Outcome = { exitCode: EXIT.done };
  try {
    await program(world, outcome).parseAsync();
    return outcome.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    if (error instanceof Stopped) return error.exitCode;
    const { explain } = await import('./explain.ts');
    const { Notices } = await import('./output/notices.ts');
    const { message, exitCode } = explain(error, outcome.settings);
    new Notices(stderr).say(message);
    return exitCode;
  }
}

stopOn('SIGINT', EXIT.interrupted);
stopOn('SIGTERM', EXIT.terminated);
// Whoever closed the pipe has read enough.
process.stdout.on('error', () => undefined);

const exitCode = await run();
// What was written waits for its reader; a reader that stalls must not hold up a command that was told to stop.
if (!owner.signal.aborted && process.stdout.writableLength > 0) {
  await new Promise<void>((resolve) => {
    process.stdout.once('error', resolve).write('', () => resolve());
  });
}
process.exit(exitCode);
