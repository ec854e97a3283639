import type { BuildSource } from '@kubidu/contracts';
import { LogsError } from '@kubidu/core';

/** A repository as it was asked for, its credentials taken out. */
export interface GitSource {
  /** Without user and password, save the user of an ssh address. */
  readonly url: string;
  /** A branch, a tag or a commit. */
  readonly ref: string;
  readonly username?: string;
  readonly password?: string;
}

const REF = /^[A-Za-z0-9_][A-Za-z0-9_./@+#=-]{0,254}$/;

/** @throws {LogsError} INVALID_ARGUMENT for what git would take for something else; without the address in its words */
export function parseGitSource({
  git,
  ref = 'HEAD',
}: {
  readonly git: string;
  readonly ref?: string | undefined;
}): GitSource {
  if (!REF.test(ref) || ref.includes('..') || ref.includes('@{'))
    throw new LogsError('INVALID_ARGUMENT', 'the ref must be the name of a branch or a tag, or a commit');
  // An address that holds none of these is one word, and no option.
  if (git.startsWith('-') || /[\s\p{Cc}]/u.test(git) || git.includes('::'))
    throw new LogsError('INVALID_ARGUMENT', 'the address of the repository is none that git can use');
  if (!/^(https?|file|ssh|git):\/\//i.test(git)) return { url: git, ref };
  try {
    const url = new URL(git);
    const [username, password] = [url.username, url.password].map((part) => decodeURIComponent(part));
    url.password = '';
    // To ssh it is no secret, and there is no other way to say it.
    if (url.protocol === 'ssh:') return { url: url.href, ref };
    url.username = '';
    return { url: url.href, ref, ...(username && { username }), ...(password && { password }) };
  } catch {
    throw new LogsError('INVALID_ARGUMENT', 'the address of the repository is no URL');
  }
}

/** What must not be seen of where sources come from: the credentials in an address. */
export function secretsOfSource(source: BuildSource): readonly string[] {
  if (!('git' in source)) return [];
  try {
    const { username, password } = parseGitSource(source);
    // A token alone stands where the user does.
    const secret = password ?? username;
    return secret === undefined ? [] : [secret];
  } catch {
    return []; // it is refused before anything is said of it
  }
}
