import { ItemQueue } from './item-queue.ts';
import type { SubscriptionItem } from './subscription-item.ts';

/** How much may wait for a reader. */
export interface InboxBounds {
  readonly maxEntries: number;
  /** Estimated. */
  readonly maxBytes: number;
}

/** What waits for one reader. It takes whatever comes, and says when that is too much: its owner sees to it that less comes. */
export class Inbox {
  readonly #bounds: InboxBounds;
  readonly #queue = new ItemQueue();
  #over = false;
  #failure: Error | undefined;
  #wake: (() => void) | undefined;

  constructor(bounds: InboxBounds) {
    this.#bounds = bounds;
  }

  /** More waits than should. */
  get full(): boolean {
    return this.#queue.entries > this.#bounds.maxEntries || this.#queue.bytes > this.#bounds.maxBytes;
  }

  /** A quarter or less waits: early enough to fill up again before the reader has to wait. */
  get low(): boolean {
    return this.#queue.entries <= this.#bounds.maxEntries / 4 && this.#queue.bytes <= this.#bounds.maxBytes / 4;
  }

  push(item: SubscriptionItem): void {
    this.#queue.push(item);
    this.#wakeUp();
  }

  /** Forgets what waits. */
  clear(): void {
    this.#queue.clear();
  }

  /** Nothing comes any more: the reader gets what waits, and then its end, or the failure. */
  end(failure?: Error): void {
    this.#over = true;
    this.#failure ??= failure;
    this.#wakeUp();
  }

  /** The oldest item, once there is one; undefined after the last. Throws the failure. */
  async shift(): Promise<SubscriptionItem | undefined> {
    for (;;) {
      const item = this.#queue.shift();
      if (item !== undefined) return item;
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#over) return undefined;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  #wakeUp(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
