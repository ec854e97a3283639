import { expect } from '@jest/globals';

import { CliReader } from '../cli-reader.ts';
import type { OracleOptions, Written } from '../oracle.ts';
import { PlainReader } from '../plain-reader.ts';
import type { Reader } from '../reader.ts';
import { SdkReader } from '../sdk-reader.ts';

/** How many of each kind. */
export interface ReaderCounts {
  readonly cli?: number;
  readonly plain?: number;
  readonly sdk?: number;
}

/** Several readers of one service, of every kind. */
export class Readers implements AsyncDisposable {
  readonly all: readonly Reader[];

  private constructor(all: readonly Reader[]) {
    this.all = all;
  }

  static async open(url: string, service: string, { cli = 0, plain = 0, sdk = 0 }: ReaderCounts): Promise<Readers> {
    const all: Reader[] = [];
    for (let n = 0; n < plain; n++)
      all.push(new PlainReader({ url, service, transport: n % 3 === 0 ? 'polling' : 'websocket' }));
    for (let n = 0; n < sdk; n++) all.push(new SdkReader({ url, stream: `runtime:${service}`, batch: n % 2 === 0 }));
    for (let n = 0; n < cli; n++) all.push(await CliReader.start({ url, service }));
    return new Readers(all);
  }

  /** Resolves once each has everything up to that index. */
  async reach(index: number, timeoutMs = 30_000): Promise<void> {
    for (const reader of this.all) await reader.reaches(index, timeoutMs);
  }

  /** Each has every line, once and in order, and all have the same. */
  mustBeComplete(written: readonly Written[], options: Omit<OracleOptions, 'gaps'> = {}): void {
    for (const reader of this.all) {
      const verdict = reader.verdict(written, options);
      expect(`${reader.kind}: ${verdict.report}`).toMatch(new RegExp(`^${reader.kind}: complete`));
      expect({ [reader.kind]: reader.errors.filter((error) => !error.startsWith('UNAVAILABLE')) }).toEqual({
        [reader.kind]: [],
      });
      expect(reader.gaps).toEqual([]);
    }
    expect(new Set(this.all.map((reader) => reader.fingerprint)).size).toBe(1);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.all.map((reader) => reader[Symbol.asyncDispose]()));
  }
}
