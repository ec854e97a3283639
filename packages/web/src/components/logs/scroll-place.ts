import type { Virtualizer } from '@tanstack/react-virtual';

/** What lays out the rows of a list. */
export type RowVirtualizer = Virtualizer<HTMLDivElement, HTMLElement>;

/** Where a list is scrolled to: sets it, and tells what its reader did from what was set. */
export class ScrollPlace {
  #at = 0;
  #done: object | undefined;

  /** Scrolls to the end. */
  toEnd(element: HTMLElement): void {
    element.scrollTop = element.scrollHeight;
    this.#at = element.scrollTop;
  }

  /** Scrolls to an offset for a reason, once for each; whether it did. */
  to(offset: number, virtualizer: RowVirtualizer, reason: object): boolean {
    const element = virtualizer.scrollElement;
    if (element === null || this.#done === reason) return false;
    this.#done = reason;
    element.scrollTop = offset;
    this.#at = element.scrollTop;
    // The event of this comes a frame later: the rows of where we are now are wanted in this one.
    virtualizer.scrollOffset = this.#at;
    return true;
  }

  /** Whether it still has to scroll for a reason. */
  isDue(reason: object | undefined): boolean {
    return reason !== undefined && this.#done !== reason;
  }

  /** Which way the list was scrolled since it was last asked or set. */
  moved(scrollTop: number): 'up' | 'down' | 'nowhere' {
    const by = scrollTop - this.#at;
    this.#at = scrollTop;
    return Math.abs(by) <= 1 ? 'nowhere' : by < 0 ? 'up' : 'down';
  }
}
