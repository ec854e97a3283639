/** The environment variables; a test gives its own. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What a command has of the world around it. */
export interface World {
  readonly env: Environment;
  readonly folder: string;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  /** Aborted with `Stopped` on Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal;
}
