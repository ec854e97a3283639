import type { Page } from '@kubidu/testing/real-browser';

/** How smoothly a page ran for a while. */
export class Smoothness {
  readonly framesPerSecond: number;
  /** The longest task of the page's main thread. */
  readonly longestTaskMs: number;

  private constructor(framesPerSecond: number, longestTaskMs: number) {
    this.framesPerSecond = framesPerSecond;
    this.longestTaskMs = longestTaskMs;
  }

  /** Counts the frames that the page draws, and watches its long tasks, until `meanwhile` is done. */
  static async measure(page: Page, meanwhile: () => Promise<void>): Promise<Smoothness> {
    const running = await page.evaluateHandle(() => {
      const counted = { frames: 0, began: performance.now(), longestTask: 0 };
      const observer = new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) counted.longestTask = Math.max(counted.longestTask, duration);
      });
      observer.observe({ type: 'longtask' });
      let frame = requestAnimationFrame(function draw() {
        counted.frames++;
        frame = requestAnimationFrame(draw);
      });
      return {
        end: () => {
          cancelAnimationFrame(frame);
          observer.disconnect();
          const { frames, began, longestTask } = counted;
          return { perSecond: (frames * 1_000) / (performance.now() - began), longestTask };
        },
      };
    });
    await meanwhile();
    const { perSecond, longestTask } = await running.evaluate(({ end }) => end());
    return new Smoothness(Math.round(perSecond * 10) / 10, Math.round(longestTask));
  }

  get words(): string {
    return `${this.framesPerSecond} frames/s, longest task ${this.longestTaskMs} ms`;
  }
}
