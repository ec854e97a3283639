/** How many colours there are to tell pods apart: `.log-pod-0` and so on in row.css. */
export const POD_COLOURS = 12;

/** The colour of a pod, 0 to 11: the same for the same name, everywhere and at any time (FNV-1a of its name). */
export function podColour(podName: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < podName.length; at++) hash = Math.imul(hash ^ podName.charCodeAt(at), 0x01000193);
  // The low bits alone tell names apart badly that differ in their last character.
  return ((hash ^ (hash >>> 15)) >>> 0) % POD_COLOURS;
}
