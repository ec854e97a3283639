/** Resolves after so many milliseconds: the pace of a load or of random faults. Whoever waits for something uses eventually. */
export function pace(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
