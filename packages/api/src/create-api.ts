import 'reflect-metadata';

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Server } from 'node:http';

import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { LIMITS } from '@kubidu/contracts';
import { ArchivedLogStore, hasCode, systemClock, Tails } from '@kubidu/core';
import type { BuildDesk, Deployments, Leases, LogArchive, LogStore, OnTailFault, ServiceOwners } from '@kubidu/core';
import type { RequestHandler } from 'express';
import type { Logger } from 'pino';

import { AppModule } from './app.module.ts';
import { ErrorFilter } from './http/error-filter.ts';
import { limitHeaders } from './http/header-limit.ts';
import { exceptDocs, onlyKnownBodies, onlyLoopbackNames, securityHeaders } from './http/middleware.ts';
import { SocketAdapter } from './http/socket-adapter.ts';
import { authenticateRequest } from './modules/auth/authenticate-request.ts';
import { Archiving } from './modules/archive/archiving.ts';
import { openArchive } from './modules/archive/open-archive.ts';
import { Authenticator } from './modules/auth/authenticator.ts';
import { Tenants } from './modules/auth/tenants.ts';
import { noBuilds, openBuilds } from './modules/builds/open-builds.ts';
import type { OpenBuilds } from './modules/builds/open-builds.ts';
import { Collector } from './modules/collect/collector.ts';
import { openSources } from './modules/collect/open-sources.ts';
import { Retention } from './modules/collect/retention.ts';
import { Sources } from './modules/collect/sources.ts';
import type { NamedSource } from './modules/collect/sources.ts';
import type { Config } from './modules/config/config.ts';
import { serveDashboard } from './modules/dashboard/serve-dashboard.ts';
import { createLogger, nestLogger } from './modules/logging/logger.ts';
import { limitOpenRequests, limitRefused, limitRequests } from './modules/limits/limit-requests.ts';
import { RateLimits } from './modules/limits/rate-limits.ts';
import { Metrics } from './modules/ops/metrics.ts';
import { Readiness } from './modules/ops/readiness.ts';
import { openStore } from './modules/store/open-store.ts';
import type { OpenStore } from './modules/store/open-store.ts';

/** Longest that a request may take to arrive, in milliseconds. */
const REQUEST_MS = 3_600_000;

/** What a test brings along instead of what the configuration names. Whoever brings it closes it. */
export interface Brought {
  /** Without an archive beside it, there is none. */
  readonly store?: LogStore;
  readonly archive?: LogArchive;
  readonly leases?: Leases;
  readonly owners?: ServiceOwners;
  readonly deployments?: Deployments;
  readonly desk?: BuildDesk;
  readonly sources?: readonly NamedSource[];
  readonly logger?: Logger;
  /** Is shown the application before it listens, to look into it. */
  readonly onApplication?: (app: NestExpressApplication) => void;
}

/** A server that listens. */
export interface RunningApi extends AsyncDisposable {
  /** Where it can be reached, like `http://127.0.0.1:3000`. */
  readonly url: string;
  /** Services known at the start. */
  readonly services: readonly string[];
  /** Whether builds can run now; `detail` says in words what is missing. Never rejects. */
  builds(): Promise<{ readonly ok: boolean; readonly detail?: string }>;
  /** Stops taking, stores what was read, lets go of the clients (they reconnect elsewhere) and of the leases. Idempotent. */
  close(): Promise<void>;
}

/**
 * Starts everything the configuration asks for; resolves once it listens.
 * @throws {LogsError} when a store or a source can't be opened; whatever the listening socket throws
 */
export async function createApi(config: Config, brought: Brought = {}): Promise<RunningApi> {
  const logger = brought.logger ?? createLogger(config.embedded);
  const resources = new AsyncStack();
  try {
    const { store: hot, leases, owners, deployments } = await open(config, brought, resources);
    const archive = await archiveOf(config, brought, resources, logger);
    const store = archive ? new ArchivedLogStore(hot, archive) : hot;
    const sources = new Sources(brought.sources ?? (await openSources(config, owners, logger)));
    if (!brought.sources) resources.use(sources);
    const builds = await openOrRefuse(config, brought, { store, leases, deployments }, logger);
    resources.use(builds);
    const tails = resources.use(new Tails(store, systemClock, tailFault(logger)));
    const app = await NestFactory.create<NestExpressApplication>(
      AppModule.of({ config, logger, store, hot, archive, leases, owners, deployments, builds, sources, tails }),
      { bodyParser: false, logger: nestLogger(logger), abortOnError: false },
    );
    resources.defer(() => app.close());
    configure(app, config, logger);
    brought.onApplication?.(app);
    sources.onChange((services) => app.get(Tenants).learn(services));
    builds.onMasked((count) => app.get(Metrics).masked(count));
    builds.onAppend((report) => app.get(Metrics).built(report));
    await app.listen(config.PORT, config.HOST);
    await begin(app, config, sources);
    return running(app, config, sources, builds, resources);
  } catch (error) {
    await resources.close();
    throw error;
  }
}

/** A store that is away is an expected state, with a metric of its own; anything else is a defect. */
function tailFault(logger: Logger): OnTailFault {
  return (stream, error) => {
    if (!hasCode(error, 'UNAVAILABLE')) logger.error({ err: error, stream }, 'a tail met a defect; trying again');
  };
}

async function open(
  config: Config,
  { store, leases, owners, deployments }: Brought,
  resources: AsyncStack,
): Promise<Pick<OpenStore, 'store' | 'leases' | 'owners' | 'deployments'>> {
  if (store && leases && owners && deployments) return { store, leases, owners, deployments };
  const opened = resources.use(await openStore(config));
  return {
    store: store ?? opened.store,
    leases: leases ?? opened.leases,
    owners: owners ?? opened.owners,
    deployments: deployments ?? opened.deployments,
  };
}

/** A test that brings a store of its own has builds only if it brings a desk. */
function openOrRefuse(
  config: Config,
  brought: Brought,
  opened: Pick<OpenStore, 'store' | 'leases' | 'deployments'>,
  logger: Logger,
): Promise<OpenBuilds> {
  return brought.desk || brought.store ? Promise.resolve(noBuilds(brought.desk)) : openBuilds(config, opened, logger);
}

async function archiveOf(
  config: Config,
  { store, archive }: Brought,
  resources: AsyncStack,
  logger: Logger,
): Promise<LogArchive | undefined> {
  if (archive || store || !config.archive) return archive;
  return resources.use(await openArchive(config.archive, config.KUBIDU_RETENTION, logger));
}

/** What pages of other origins may read of an answer besides its body. */
const exposedHeaders = ['Retry-After'];

function configure(app: NestExpressApplication, config: Config, logger: Logger): void {
  const express = app.getHttpAdapter().getInstance() as { disable(setting: string): void };
  express.disable('x-powered-by');
  express.disable('etag');
  app.use(securityHeaders);
  if (!config.authentication) app.use(onlyLoopbackNames);
  if (config.KUBIDU_ROLES.includes('gateway')) serveDashboard(app, config.KUBIDU_FRAME_ANCESTORS);
  if (config.KUBIDU_CORS_ORIGINS.length > 0)
    app.enableCors({ origin: [...config.KUBIDU_CORS_ORIGINS], credentials: true, maxAge: 600, exposedHeaders });
  const limits = app.get(RateLimits);
  const open: RequestHandler = (_request, _response, next) => next();
  app.use(
    '/api',
    exceptDocs(authenticateRequest(app.get(Authenticator)), limitOpenRequests(limits)),
    limitRefused(limits),
  );
  app.use('/api', exceptDocs(limitRequests(limits), open), onlyKnownBodies);
  app.useBodyParser('json', { limit: LIMITS.ingestBytes });
  // Node's five minutes for a whole request are too short for a large archive over a slow line.
  app.getHttpServer().requestTimeout = REQUEST_MS;
  limitHeaders(app.getHttpServer());
  app.useGlobalFilters(new ErrorFilter(logger));
  app.useWebSocketAdapter(new SocketAdapter(app, config));
}

async function begin(app: NestExpressApplication, config: Config, sources: Sources): Promise<void> {
  await sources.start();
  const roles = config.KUBIDU_ROLES;
  if (roles.includes('collector') || roles.includes('archiver')) app.get(Retention).start();
  if (roles.includes('archiver')) app.get(Archiving).start();
}

function running(
  app: NestExpressApplication,
  config: Config,
  sources: Sources,
  builds: OpenBuilds,
  resources: AsyncStack,
): RunningApi {
  const server = app.getHttpServer();
  const { port } = server.address() as AddressInfo;
  const host = config.HOST.includes(':') ? `[${config.HOST.replace(/^\[|\]$/g, '')}]` : config.HOST;
  let closing: Promise<void> | undefined;
  const close = () => (closing ??= drain(app, server, sources, resources));
  return {
    url: `http://${host}:${port}`,
    services: sources.services().map(({ serviceId }) => serviceId),
    builds: () => builds.desk.health(),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** First nothing new, then what is under way, then the readers, last what all of them stand on. */
async function drain(
  app: NestExpressApplication,
  server: Server,
  sources: Sources,
  resources: AsyncStack,
): Promise<void> {
  app.get(Readiness).drain();
  await Promise.all([sources.endOwn().then(() => app.get(Collector).close()), app.get(Retention).close()]);
  await app.get(Archiving).close();
  await resources.close();
  if (server.listening) await once(server, 'close');
}

/** Closes in the reverse order of opening, each even when another fails; the first failure is thrown at the end. */
class AsyncStack {
  readonly #closers: (() => PromiseLike<void>)[] = [];

  use<T extends AsyncDisposable>(resource: T): T {
    this.#closers.push(() => resource[Symbol.asyncDispose]());
    return resource;
  }

  defer(close: () => Promise<void>): void {
    this.#closers.push(close);
  }

  async close(): Promise<void> {
    const failures: unknown[] = [];
    for (let close = this.#closers.pop(); close; close = this.#closers.pop()) {
      try {
        await close();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
