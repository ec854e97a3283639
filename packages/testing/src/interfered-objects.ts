import type { ArchiveObjects, ByteRange, ListedObject } from '@kubidu/core';

/** A request to the place where objects are. */
export interface ObjectRequest {
  readonly what: 'put' | 'get' | 'list' | 'folders' | 'remove';
  /** Of `remove`, the first. */
  readonly name: string;
}

/** What a test does to requests; what it throws goes to whoever asked. */
export interface ObjectInterference {
  /** Before it is made. */
  before?: ((request: ObjectRequest) => void | Promise<void>) | undefined;
  /** Once it was made, before whoever asked learns of it. */
  after?: ((request: ObjectRequest) => void | Promise<void>) | undefined;
}

/** Objects with interference: they fail, before or after it was done, as a test says. Does not own the place. */
export class InterferedObjects implements ArchiveObjects {
  readonly #objects: ArchiveObjects;
  readonly interference: ObjectInterference = {};
  /** Every request made, oldest first. */
  readonly requests: ObjectRequest[] = [];

  constructor(objects: ArchiveObjects) {
    this.#objects = objects;
  }

  put(name: string, content: Uint8Array): Promise<void> {
    return this.#through({ what: 'put', name }, () => this.#objects.put(name, content));
  }

  get(name: string, range?: ByteRange): Promise<Uint8Array | undefined> {
    return this.#through({ what: 'get', name }, () => this.#objects.get(name, range));
  }

  list(prefix: string): Promise<ListedObject[]> {
    return this.#through({ what: 'list', name: prefix }, () => this.#objects.list(prefix));
  }

  folders(prefix: string, most?: number): Promise<string[]> {
    return this.#through({ what: 'folders', name: prefix }, () => this.#objects.folders(prefix, most));
  }

  remove(names: readonly string[]): Promise<void> {
    return this.#through({ what: 'remove', name: names[0] ?? '' }, () => this.#objects.remove(names));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  async #through<T>(request: ObjectRequest, make: () => Promise<T>): Promise<T> {
    this.requests.push(request);
    await this.interference.before?.(request);
    const answer = await make();
    await this.interference.after?.(request);
    return answer;
  }
}
