import { HttpFaultProxy } from '../http-fault-proxy.ts';
import { RealRedis } from '../real-redis.ts';
import { RealS3 } from '../real-s3.ts';
import { RunningApi } from '../running-api.ts';

/** A server whose requests to S3 pass a proxy of its own. */
export interface Replica {
  readonly api: RunningApi;
  readonly s3: HttpFaultProxy;
}

export interface ArchivePlantOptions {
  /** The roles of each server, like `gateway,archiver`. */
  readonly roles: readonly string[];
  /** Settings of every server; KUBIDU_HOT_BYTES is 64 KiB unless given here. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Servers as processes on a Redis and an S3 of their own. Whoever starts it disposes of it. */
export class ArchivePlant implements AsyncDisposable {
  readonly s3: RealS3;
  readonly redis: RealRedis;
  /** In the order of the roles given. */
  readonly replicas: readonly Replica[];
  readonly #things: AsyncDisposable[];

  private constructor(s3: RealS3, redis: RealRedis, replicas: readonly Replica[], things: AsyncDisposable[]) {
    this.s3 = s3;
    this.redis = redis;
    this.replicas = replicas;
    this.#things = things;
  }

  static async start({ roles, env = {} }: ArchivePlantOptions): Promise<ArchivePlant> {
    const things: AsyncDisposable[] = [];
    const keep = async <T extends AsyncDisposable>(starting: Promise<T>): Promise<T> => {
      const thing = await starting;
      things.push(thing);
      return thing;
    };
    const replica = async (s3: RealS3, redis: RealRedis, KUBIDU_ROLES: string): Promise<Replica> => {
      const proxy = await keep(HttpFaultProxy.open(s3.endpoint));
      const place = { KUBIDU_S3_BUCKET: s3.bucket, KUBIDU_S3_ENDPOINT: proxy.url, KUBIDU_S3_REGION: s3.region };
      const own = { KUBIDU_REDIS_URL: redis.url, KUBIDU_ROLES, KUBIDU_HOT_BYTES: '65536' };
      return { api: await keep(RunningApi.start({ env: { ...own, ...place, ...s3.env, ...env } })), s3: proxy };
    };
    try {
      const s3 = await keep(RealS3.start());
      const redis = await keep(RealRedis.start());
      const replicas = await all(roles.map((each) => replica(s3, redis, each)));
      return new ArchivePlant(s3, redis, replicas, things);
    } catch (error) {
      await dispose(things);
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await dispose(this.#things);
  }
}

/** The last first. */
async function dispose(things: AsyncDisposable[]): Promise<void> {
  for (const thing of things.reverse()) await thing[Symbol.asyncDispose]();
}

/** Like Promise.all, but rejects only once nothing is under way any more: so that what was started can be ended. */
async function all<T>(starting: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(starting);
  return Promise.all(starting);
}
