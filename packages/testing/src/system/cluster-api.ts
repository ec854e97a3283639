import type { Service, ServiceList } from '@kubidu/contracts';

import { eventually } from '../eventually.ts';
import { RawHttp } from '../protocol/raw-http.ts';
import { RealCluster } from '../real-cluster.ts';
import { RunningApi } from '../running-api.ts';

/** The API as it follows the pods of some namespaces of the real cluster. */
export function startClusterApi(
  namespaces: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<RunningApi> {
  return RunningApi.start({
    env: {
      KUBIDU_KUBERNETES: 'kubeconfig',
      KUBECONFIG: RealCluster.kubeconfig,
      KUBIDU_NAMESPACES: namespaces.join(','),
      ...env,
    },
  });
}

/** Resolves once the server knows the service. */
export function serviceKnown(url: string, service: string, token?: string): Promise<Service> {
  const http = new RawHttp(url, token);
  return eventually(
    async () => {
      const { services } = await http.get<ServiceList>('/api/services');
      return services.find(({ serviceId }) => serviceId === service) ?? false;
    },
    { timeoutMs: 30_000, everyMs: 100 },
  );
}
