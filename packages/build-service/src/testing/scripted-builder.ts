import type { BuildOutput, BuildResult, ImageBuild, ImageBuilder } from '@kubidu/core';

/** What a scripted build does. */
export type BuildScript = (output: BuildOutput, signal: AbortSignal, build: ImageBuild) => Promise<BuildResult>;

/** A builder that does what a test says, where the real one could not be made to. */
export class ScriptedBuilder implements ImageBuilder {
  readonly #script: BuildScript;

  constructor(script: BuildScript) {
    this.#script = script;
  }

  build(build: ImageBuild, output: BuildOutput, signal: AbortSignal): Promise<BuildResult> {
    return this.#script(output, signal, build);
  }

  health(): Promise<{ readonly ok: boolean }> {
    return Promise.resolve({ ok: true });
  }
}

/** Resolves once the signal aborts. */
export function abortOf(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
