/** How long one slice works before whoever types or scrolls gets a turn, in milliseconds. */
const SLICE_MS = 8;

/**
 * Takes the steps of long work, a slice at a time; the first at once. `between` is called after each slice. Ends early
 * when `signal` does.
 */
export async function inSlices(steps: Iterator<unknown>, between: () => void, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const until = performance.now() + SLICE_MS;
    let done = false;
    while (!done && performance.now() < until) done = steps.next().done === true;
    between();
    if (done) return;
    await nextTurn();
  }
}

/** Unlike a timer it is not slowed down when it follows another; unlike a promise it lets the browser draw. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
