/**
 * @typedef {import('./suites.mjs').Suite} Suite
 * @typedef {object} Run
 * @property {string} name for who reads the output
 * @property {Suite} suite
 * @property {string[]} files
 * @property {number} workers how many files at a time; 1 of those that have something for themselves
 */

/**
 * In which order files run. Those that have a component for themselves leave a core idle, so they come last: those of
 * one component one by one, beside those of the others.
 * @param {readonly { suite: Suite, files: readonly string[] }[]} chosen
 * @returns {{ first: Run[], beside: Run[][] }} `first` one after the other; then the lists of `beside` at once, each in
 *   its order
 */
export function schedule(chosen) {
  const runsOf = (/** @type {ReturnType<Suite['alone']>} */ whole) =>
    chosen
      .map(({ suite, files }) => ({ suite, files: files.filter((file) => suite.alone(file) === whole) }))
      .filter(({ files }) => files.length > 0)
      .map(({ suite, files }) => {
        if (whole !== undefined) return { name: `${suite.name}, one by one`, suite, files, workers: 1 };
        return { name: suite.name, suite, files, workers: suite.workers ?? 2 };
      });
  const order = chosen.map(({ suite }) => suite);
  return {
    // The sort is stable: what runs side by side comes before what has the machine for itself.
    first: [...runsOf(undefined), ...runsOf('machine')].sort((a, b) => order.indexOf(a.suite) - order.indexOf(b.suite)),
    beside: [runsOf('engine'), runsOf('cluster')].filter((runs) => runs.length > 0),
  };
}
