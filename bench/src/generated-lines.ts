import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { seededRandom } from '@kubidu/testing';

/** Lines of JSON to fill an archive with. */
export interface GeneratedLines {
  /** Where they come from. */
  readonly name: string;
  /** A word that seven of them hold. */
  readonly rare: string;
  readonly lines: (count: number) => Iterable<string>;
}

const BESIDE = path.resolve(import.meta.dirname, '../../../shared/data/generate.mjs');

/**
 * The generator that `KUBIDU_BENCH_GENERATOR` names, a module with `lines(count)` and `RARE`; else the one that lies beside
 * the checkout; else our own.
 */
export async function generatedLines(): Promise<GeneratedLines> {
  const file = process.env['KUBIDU_BENCH_GENERATOR'] ?? BESIDE;
  if (!existsSync(file)) return { name: 'lines of our own', rare: 'zanzibar-7f3a', lines: ownLines };
  const { lines, RARE } = (await import(pathToFileURL(file).href)) as Pick<GeneratedLines, 'lines'> & { RARE: string };
  return { name: path.basename(file), rare: RARE, lines };
}

/** A mix of requests, jobs and errors, about 200 bytes each. */
function* ownLines(count: number): Generator<string> {
  const random = seededRandom(1);
  const number = (most: number) => Math.floor(random() * most);
  const hex = () =>
    number(2 ** 32)
      .toString(16)
      .padStart(8, '0');
  const every = Math.floor(count / 7);
  for (let n = 0; n < count; n++) {
    const time = new Date(Date.UTC(2026, 0, 1) + n).toISOString();
    const isRare = n % every === every >> 1 && n < every * 7;
    const [level, more] =
      n % 100 === 0
        ? ['error', '"msg":"upstream payments failed: read ECONNRESET","code":"ECONNRESET"']
        : [
            'info',
            `"msg":"request completed","path":"/api/v1/orders/${number(500_000)}","status":200,"ms":${number(900)}`,
          ];
    yield `{"time":"${time}","level":"${level}","trace":"${hex()}${hex()}","n":${n},${more}${isRare ? ',"word":"zanzibar-7f3a"' : ''}}`;
  }
}
