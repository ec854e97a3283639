import type { LogEvent, Outcome } from '@kubidu/contracts';
import type { BuildResult, DeploymentChange } from '@kubidu/core';

/** How a build ended, for its stream, its last entry and its record. */
export class BuildOutcome {
  readonly outcome: Outcome;
  /** What was built, by digest. */
  readonly image: string | undefined;

  constructor(outcome: Outcome, image?: string) {
    this.outcome = outcome;
    this.image = image;
  }

  /** @param image its name; told with the digest where it was pushed, else the digest alone says what it is */
  static of(
    { status, exitCode, digest }: BuildResult,
    image: { readonly name: string; readonly push: boolean },
  ): BuildOutcome {
    const by = digest !== undefined && image.push ? `${withoutTag(image.name)}@${digest}` : digest;
    return new BuildOutcome({ status, ...(exitCode !== undefined && { exitCode }) }, by);
  }

  get event(): Extract<LogEvent, { type: 'build-finished' }> {
    return { type: 'build-finished', ...this.outcome, ...(this.image !== undefined && { image: this.image }) };
  }

  /** @param endedAt RFC 3339 */
  changeAt(endedAt: string): DeploymentChange {
    const { status, exitCode } = this.outcome;
    const known = exitCode === undefined ? {} : { exitCode };
    return { status, ...known, endedAt, ...(this.image !== undefined && { image: this.image }) };
  }
}

/** A colon behind the last slash begins a tag; one before it belongs to the registry's port. */
function withoutTag(image: string): string {
  const colon = image.indexOf(':', image.lastIndexOf('/') + 1);
  return colon < 0 ? image : image.slice(0, colon);
}
