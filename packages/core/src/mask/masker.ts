import { MaskAutomaton } from './mask-automaton.ts';
import { MaskPatterns } from './mask-patterns.ts';
import { MaskedOutput } from './masked-output.ts';
import type { MaskedOutputOptions } from './masked-output.ts';
import { secretForms } from './secret-forms.ts';
import { ANCHORS } from './shapes.ts';

/** What is masked, and who is told. */
export interface MaskerOptions {
  /** Exact values; each is masked as it is and in every usual encoding (see secretForms). Default none. */
  readonly secrets?: readonly string[];
  /** Expressions of users, in the syntax of RE2. Default none. */
  readonly patterns?: readonly string[];
  /** Called with how many things were masked. Must not throw. */
  readonly onMasked?: (count: number) => void;
}

/**
 * Masks secrets: values that are given, what has a known shape (keys of clouds, tokens of GitHub and npm, JWTs, private keys
 * in PEM, passwords in URLs), and what users' patterns match. Immutable: one serves a whole process, and one with a build's
 * secrets that build.
 */
export class Masker {
  readonly #options: MaskerOptions;
  readonly #found: MaskedOutputOptions;

  /**
   * @throws {LogsError} INVALID_ARGUMENT for a pattern that is wrong, PAYLOAD_TOO_LARGE for more secrets than can be looked
   *   for (beyond some 100 KiB)
   */
  constructor(options: MaskerOptions = {}) {
    const { secrets = [], patterns = [], onMasked = () => undefined } = options;
    const forms = secretForms(secrets);
    this.#options = options;
    this.#found = {
      automaton: new MaskAutomaton({ forms, anchors: ANCHORS }),
      patterns: new MaskPatterns(patterns),
      spread: forms.size > 0,
      onMasked,
    };
  }

  /** One that masks these secrets too, for a single build. @throws {LogsError} PAYLOAD_TOO_LARGE */
  with(secrets: readonly string[]): Masker {
    return new Masker({ ...this.#options, secrets: [...(this.#options.secrets ?? []), ...secrets] });
  }

  /** For the lines of one output, in order. @param onSettled see MaskedOutput */
  output(onSettled: (message: string) => void): MaskedOutput {
    return new MaskedOutput(this.#found, onSettled);
  }

  /**
   * A text by itself, masked; the same string where nothing was. Its end is masked as well where at least 4 characters of
   * it are the beginning of a secret.
   */
  text(text: string): string {
    let settled = text;
    const output = this.output((masked) => (settled = masked));
    const masked = output.take(text, false);
    if (masked !== undefined) return masked;
    output.settle();
    return settled;
  }
}
