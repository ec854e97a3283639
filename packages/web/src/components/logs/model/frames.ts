/** When the next frame is drawn: what changed until then is told once. A test has its own. */
export interface Frames {
  /** Calls `draw` once before the next frame. */
  request(draw: () => void): void;
}

/** The browser's. In a page that is not seen it rests, and tells everything at the first frame that is. */
export const browserFrames: Frames = {
  request: (draw) => void requestAnimationFrame(draw),
};
