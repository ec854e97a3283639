import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';
import { RealRedis } from './real-redis.ts';

const SLOTS = 16_384;

/** A Redis Cluster of three masters without replicas, on 127.0.0.1. Whoever starts it disposes of it. */
export class RealRedisCluster implements AsyncDisposable {
  readonly nodes: readonly RealRedis[];

  private constructor(nodes: readonly RealRedis[]) {
    this.nodes = nodes;
  }

  /** Resolves once all slots are served and every node knows the others. */
  static async start(): Promise<RealRedisCluster> {
    const nodes: RealRedis[] = [];
    for (let at = 0; at < 3; at++) nodes.push(await startNode());
    const cluster = new RealRedisCluster(nodes);
    const [first] = nodes as [RealRedis];
    for (const [at, node] of nodes.entries()) {
      const from = Math.floor((at * SLOTS) / nodes.length);
      await node.cli('cluster', 'addslotsrange', from, Math.floor(((at + 1) * SLOTS) / nodes.length) - 1);
      await node.cli('cluster', 'set-config-epoch', at + 1);
      if (node !== first) await node.cli('cluster', 'meet', '127.0.0.1', first.port);
    }
    await eventually(
      async () => {
        for (const node of nodes) {
          const info = await node.cli('cluster', 'info');
          if (!info.includes('cluster_state:ok') || !info.includes(`cluster_known_nodes:${nodes.length}`)) return false;
        }
        return true;
      },
      { timeoutMs: 20_000 },
    );
    return cluster;
  }

  /** All nodes, separated by commas. */
  get url(): string {
    return this.nodes.map((node) => node.url).join(',');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.nodes.map((node) => node[Symbol.asyncDispose]()));
  }
}

/** The bus port is 10,000 above the client's: both must be free. */
async function startNode(): Promise<RealRedis> {
  for (let attempt = 1; ; attempt++) {
    try {
      const port = await freePort(20_000 + Math.floor(Math.random() * 10_000));
      const bus = await freePort(port + 10_000);
      const settings = ['--cluster-enabled', 'yes', '--cluster-port', String(bus), '--cluster-node-timeout', '2000'];
      return await RealRedis.start({ port, settings });
    } catch (error) {
      if (attempt === 10) throw error;
    }
  }
}
