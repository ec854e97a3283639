/** How much of a stream may wait for an archive that is slow or away, beyond twice what is kept of it. */
const WAITING_BYTES = 64 * 1024 * 1024;

/**
 * Bytes of a stream beyond which a store that is archived lets the oldest go by itself, where `hotBytes` are to be kept:
 * up to there only the archiver trims, behind what it archived. Every process that appends has to have it.
 */
export function hotCap(hotBytes: number): number {
  return 2 * hotBytes + WAITING_BYTES;
}
