import type { ServiceOwners } from '@kubidu/core';
import type { Logger } from 'pino';

import type { Config } from '../config/config.ts';
import type { NamedSource } from './sources.ts';

/** The sources that the configuration names, not started yet. Whoever opened them disposes of them. */
export async function openSources(config: Config, owners: ServiceOwners, logger: Logger): Promise<NamedSource[]> {
  const sources: NamedSource[] = [];
  // Loaded when asked for: a cluster's client has no place in a laptop's start, nor the other way round.
  if (config.KUBIDU_KUBERNETES !== 'off') {
    const { KubernetesLogSource } = await import('@kubidu/source-kubernetes');
    const source = await KubernetesLogSource.open({
      mode: config.KUBIDU_KUBERNETES,
      ...(config.KUBECONFIG !== undefined && { kubeconfig: config.KUBECONFIG }),
      ...(config.KUBIDU_NAMESPACES && { namespaces: config.KUBIDU_NAMESPACES }),
      owners,
      onForeignPod: (pod) =>
        logger.warn({ pod }, 'a pod carries the label of a service that another namespace owns; it is ignored'),
    });
    sources.push({ name: 'kubernetes', source, foreignPods: () => source.stats().foreignPods });
  }
  if (config.procfile !== undefined && config.KUBIDU_ROLES.includes('collector')) {
    const { ProcessLogSource } = await import('@kubidu/source-process');
    const source = await ProcessLogSource.open({
      procfile: config.procfile,
      dataDir: config.KUBIDU_DATA_DIR,
      ...(config.formation !== undefined && { formation: config.formation }),
    });
    sources.push({ name: 'processes', source, endsWithUs: true });
  }
  return sources;
}
