/**
 * The size to which streams are cut so that all together take no more than `total`: the largest give, all down to the
 * same level, and those below it stay whole. Infinity where they fit as they are.
 */
export function hotLevel(sizes: Iterable<number>, total: number): number {
  const ascending = [...sizes];
  if (ascending.reduce((sum, size) => sum + size, 0) <= total) return Infinity;
  ascending.sort((a, b) => a - b);
  let left = total;
  for (const [at, size] of ascending.entries()) {
    const sharing = ascending.length - at;
    if (size * sharing >= left) return Math.floor(left / sharing);
    left -= size;
  }
  return Infinity;
}
