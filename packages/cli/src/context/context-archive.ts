import { create } from 'tar';

import { CliError, EXIT } from '../exit.ts';

/**
 * A folder's files as a gzipped tar, piece by piece as they are taken. Reading fails with CliError where a file cannot be
 * read, or changed meanwhile: half a context would be built into a broken image. @param onPiece hears of each piece's bytes
 */
export async function* contextArchive(
  folder: string,
  paths: readonly string[],
  onPiece: (bytes: number) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  // With a dot in front no name is taken for an option (`@archive`); `portable` leaves out whose files they were.
  const archive = create(
    { gzip: true, portable: true, strict: true, noDirRecurse: true, cwd: folder },
    paths.map((path) => `./${path}`),
  );
  try {
    for await (const piece of archive) {
      onPiece(piece.length);
      yield piece;
    }
  } catch (error) {
    throw new CliError(EXIT.failed, `cannot pack ${folder}: ${(error as Error).message}`, { cause: error });
  }
}
