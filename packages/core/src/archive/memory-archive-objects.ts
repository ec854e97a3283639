import { systemClock } from '../clock.ts';
import type { Clock } from '../clock.ts';
import type { ArchiveObjects, ByteRange, ListedObject } from './archive-objects.ts';

/** Objects in memory, for tests. Nothing bounds them and nothing of them survives the process. */
export class MemoryArchiveObjects implements ArchiveObjects {
  readonly #clock: Clock;
  readonly #objects = new Map<string, { content: Uint8Array; writtenAt: number }>();

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  put(name: string, content: Uint8Array): Promise<void> {
    if (!this.#objects.has(name))
      this.#objects.set(name, { content: Uint8Array.from(content), writtenAt: this.#clock.now() });
    return Promise.resolve();
  }

  get(name: string, range?: ByteRange): Promise<Uint8Array | undefined> {
    const content = this.#objects.get(name)?.content;
    return Promise.resolve(range ? content?.subarray(range.offset, range.offset + range.length) : content);
  }

  list(prefix: string): Promise<ListedObject[]> {
    const found = [...this.#objects].filter(([name]) => name.startsWith(prefix));
    return Promise.resolve(
      found
        .map(([name, { content, writtenAt }]) => ({ name, size: content.byteLength, writtenAt }))
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
    );
  }

  folders(prefix: string, most = Infinity): Promise<string[]> {
    const below = [...this.#objects.keys()]
      .filter((name) => name.startsWith(prefix) && name.includes('/', prefix.length))
      .map((name) => name.slice(prefix.length, name.indexOf('/', prefix.length) + 1));
    return Promise.resolve([...new Set(below)].sort().slice(0, most));
  }

  remove(names: readonly string[]): Promise<void> {
    for (const name of names) this.#objects.delete(name);
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}
