/** How a command ends, as the shell sees it. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  notAllowed: 3,
  noSuchStream: 4,
  unreachable: 5,
  hole: 6,
  interrupted: 130,
  terminated: 143,
} as const;

/** Ends the command with a message and an exit code; the message needs no stack, since it tells the user what to do. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exitCode: number;

  constructor(exitCode: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** Why a command stops early without an error: a signal from the user or the system. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
  readonly exitCode: number;

  constructor(exitCode: number) {
    super('stopped');
    this.exitCode = exitCode;
  }
}
