import type { BuildJob } from '@kubidu/core';

/** Where images that are not pushed are kept. */
const LOCAL = 'kubidu';

/** What the image of a job is called: `<registry>/<service>:<deployment>`; pushed where there is a registry. */
export function imageOf(
  { deploymentId, request: { serviceId } }: BuildJob,
  registry: string | undefined,
): { readonly name: string; readonly push: boolean } {
  // Names of images know fewer characters than ids do; the tag tells two apart that look the same.
  const repository = serviceId
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
  return { name: `${registry ?? LOCAL}/${repository}:${deploymentId}`, push: registry !== undefined };
}
