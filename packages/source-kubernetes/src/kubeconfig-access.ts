import http from 'node:http';
import https from 'node:https';
import type { AgentOptions, RequestOptions } from 'node:https';

import { LogsError } from '@kubidu/core';

import type { Access, Credentials } from './api-server.ts';
import type { KubeConfig } from './kube-config.ts';

/** Where the credentials come from. */
export type AccessMode = 'kubeconfig' | 'in-cluster';

/** Tokens rotate and exec plugins' certificates expire: asked again this often. */
const RENEW_MS = 30_000;

/**
 * The access that a kubeconfig (KUBECONFIG, else ~/.kube/config) or a pod's service account gives: tokens, client
 * certificates, exec plugins, `tls-server-name`, `proxy-url`. @throws {LogsError} INVALID_ARGUMENT when there is none
 */
export async function openAccess(mode: AccessMode, path?: string): Promise<Access> {
  // Only for who follows a cluster.
  const { KubeConfig } = await import('./kube-config.ts');
  const config = new KubeConfig();
  try {
    if (mode === 'in-cluster') config.loadFromCluster();
    else if (path === undefined) config.loadFromDefault();
    else config.loadFromFile(path);
  } catch (error) {
    throw new LogsError('INVALID_ARGUMENT', `no ${mode} credentials for Kubernetes`, { cause: error });
  }
  if (!config.getCurrentCluster()) throw new LogsError('INVALID_ARGUMENT', 'the kubeconfig names no current cluster');
  return new KubeConfigAccess(config);
}

class KubeConfigAccess implements Access {
  readonly url: string;
  readonly #config: KubeConfig;
  #current: Promise<Credentials> | undefined;
  #renewAt = 0;
  #agent: http.Agent | undefined;
  #identity = '';

  constructor(config: KubeConfig) {
    this.#config = config;
    this.url = config.getCurrentCluster()?.server ?? '';
  }

  credentials(): Promise<Credentials> {
    if (this.#current === undefined || Date.now() >= this.#renewAt) {
      this.#renewAt = Date.now() + RENEW_MS;
      const asked = this.#ask();
      this.#current = asked;
      asked.catch(() => {
        if (this.#current === asked) this.#current = undefined;
      });
    }
    return this.#current;
  }

  async #ask(): Promise<Credentials> {
    const options: RequestOptions = {};
    await this.#config.applyToHTTPSOptions(options);
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(options.headers ?? {}))
      if (typeof value === 'string') headers[name] = value;
    if (typeof options.auth === 'string')
      headers['Authorization'] = `Basic ${Buffer.from(options.auth).toString('base64')}`;
    return { headers, agent: this.#agentFor(options) };
  }

  /** One agent as long as the TLS material stays: its connections are kept alive, and TLS sessions resumed. */
  #agentFor(options: RequestOptions): http.Agent {
    const { ca, cert, key, passphrase, servername, rejectUnauthorized } = options;
    const material = [ca, cert, key, passphrase, servername]
      .flat()
      .map((part) => (Buffer.isBuffer(part) ? part.toString() : part));
    const identity = JSON.stringify([...material, rejectUnauthorized]);
    if (this.#agent && identity === this.#identity) return this.#agent;
    this.#identity = identity;
    // Streams on the old agent go on; it is only not used again.
    const proxied = this.#config.getCurrentCluster()?.proxyUrl !== undefined;
    const tls: AgentOptions = { ca, cert, key, passphrase, servername, rejectUnauthorized };
    const common = { keepAlive: true, maxSockets: Infinity, maxFreeSockets: 16, scheduling: 'lifo' as const };
    if (proxied) this.#agent = options.agent as http.Agent;
    else if (this.url.startsWith('http:')) this.#agent = new http.Agent(common);
    else
      this.#agent = new https.Agent({
        ...common,
        ...Object.fromEntries(Object.entries(tls).filter(([, v]) => v !== undefined)),
      });
    return this.#agent;
  }

  [Symbol.dispose](): void {
    this.#agent?.destroy();
  }
}
