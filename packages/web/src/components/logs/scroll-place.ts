import type { Virtualizer } from '@tanstack/react-virtual';

/** What lays out the rows of a list. */
export type RowVirtualizer = Virtualizer<HTMLDivElement, HTMLElement>;

/** Why and to which row a list is scrolled. */
export interface ScrollReason {
  readonly why: object;
  /** The row, counted in its slice, and the row with which that begins. */
  readonly place: number;
  readonly slice: number;
}

/** A row that was scrolled to: where it began then, and where the list was scrolled to for it. */
interface HeldRow extends ScrollReason {
  readonly top: number;
  readonly at: number;
}

/** Where a list is scrolled to: sets it, and tells what its reader did from what was set. */
export class ScrollPlace {
  #at = 0;
  /** How far below the end is. */
  #left = Infinity;
  #done: object | undefined;
  #held: HeldRow | undefined;

  /** Scrolls to the end. */
  toEnd(element: HTMLElement): void {
    element.scrollTop = element.scrollHeight;
    this.#set(element);
  }

  /**
   * Scrolls to an offset for a reason, once for each, and again when rows above turned out higher or lower than they were
   * estimated, as long as its reader let it be. Whether it did.
   */
  to(offset: number, virtualizer: RowVirtualizer, reason: ScrollReason): boolean {
    const element = virtualizer.scrollElement;
    if (element === null || (this.#done === reason.why && !this.#isPushed(virtualizer, reason))) return false;
    this.#done = reason.why;
    // What is there already is left alone: to set it would end the movement of a wheel.
    if (Math.abs(element.scrollTop - offset) >= 1) element.scrollTop = offset;
    this.#set(element);
    this.#held = { ...reason, top: topOf(virtualizer, reason.place), at: this.#at };
    // The event of this comes a frame later: the rows of where we are now are wanted in this one.
    virtualizer.scrollOffset = this.#at;
    return true;
  }

  /** Keeps the row that was scrolled to in its place no longer. */
  readonly letGo = (): void => {
    this.#held = undefined;
  };

  /** The same if it was the reader who scrolled. */
  letGoIfScrolled(virtualizer: RowVirtualizer): void {
    const held = this.#held;
    if (held === undefined || topOf(virtualizer, held.place) !== held.top) return;
    if (Math.abs((virtualizer.scrollElement?.scrollTop ?? held.at) - held.at) > 1) this.letGo();
  }

  /** Whether it still has to scroll for a reason. */
  isDue(reason: object | undefined): boolean {
    return reason !== undefined && this.#done !== reason;
  }

  /**
   * Which way the list was scrolled since it was last asked or set. Down leads nearer to the end: where rows above were laid
   * out anew, the place of what is read is another one, and nobody scrolled.
   */
  moved(element: HTMLElement): 'up' | 'down' | 'nowhere' {
    const by = element.scrollTop - this.#at;
    const nearer = this.#left - leftOf(element);
    this.#set(element);
    if (by < -1) return 'up';
    return by > 1 && nearer > 1 ? 'down' : 'nowhere';
  }

  #set(element: HTMLElement): void {
    this.#at = element.scrollTop;
    this.#left = leftOf(element);
  }

  /** Whether the row that was scrolled to was moved by others that grew or shrank, and by nothing else. */
  #isPushed(virtualizer: RowVirtualizer, { why, slice, place }: ScrollReason): boolean {
    const held = this.#held;
    if (held === undefined || held.why !== why || held.slice !== slice || held.place !== place) return false;
    const by = topOf(virtualizer, place) - held.top;
    // The virtualizer makes up for the rows above those in sight.
    const madeUp = (virtualizer.scrollElement?.scrollTop ?? 0) - held.at;
    return by !== 0 && madeUp >= Math.min(0, by) - 1 && madeUp <= Math.max(0, by) + 1;
  }
}

const leftOf = ({ scrollTop, scrollHeight, clientHeight }: HTMLElement): number =>
  scrollHeight - clientHeight - scrollTop;

function topOf(virtualizer: RowVirtualizer, place: number): number {
  return virtualizer.measurementsCache[place]?.start ?? 0;
}
