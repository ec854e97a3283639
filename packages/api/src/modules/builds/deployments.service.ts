import { Inject, Injectable } from '@nestjs/common';
import { isId } from '@kubidu/contracts';
import type {
  CreateDeployment,
  Deployment,
  DeploymentPage,
  ListDeployments,
  Uploaded,
  UploadQuery,
} from '@kubidu/contracts';
import { LogsError } from '@kubidu/core';
import type { BuildDesk, DeploymentRecord, Deployments } from '@kubidu/core';

import { invalid } from '../../http/parse.ts';
import { Access } from '../auth/access.ts';
import type { ApiPrincipal } from '../auth/api-principal.ts';
import { Tenants } from '../auth/tenants.ts';
import { DEPLOYMENTS } from '../store/store.module.ts';
import { BUILD_DESK } from './open-builds.ts';

/** Records looked at for one page: whoever may see few of many asks again with the cursor. */
const MOST_LISTED = 20_000;
/** Records looked at once. */
const PAGE = 1_000;

/** What one can do with builds: who may, and whose they are. Nothing here knows how they are built. */
@Injectable()
export class DeploymentsService {
  constructor(
    @Inject(BUILD_DESK) private readonly desk: BuildDesk,
    @Inject(DEPLOYMENTS) private readonly deployments: Deployments,
    private readonly access: Access,
    private readonly tenants: Tenants,
  ) {}

  /** Queues a build. @throws {LogsError} as {@link BuildDesk.request}; NOT_FOUND, FORBIDDEN for a service that is another's */
  async create(principal: ApiPrincipal, { tenant: asked, ...request }: CreateDeployment): Promise<Deployment> {
    await this.access.mustBuild(principal, request.serviceId);
    return shown(await this.desk.request(request, await this.#tenantOf(principal, request.serviceId, asked)));
  }

  /**
   * Takes an archive for a build to come. @param length as announced, in bytes; 0 where it was not
   * @throws {LogsError} as {@link BuildDesk.upload}, and as `create`
   */
  async upload(
    principal: ApiPrincipal,
    { serviceId, tenant: asked }: UploadQuery,
    archive: AsyncIterable<Uint8Array>,
    length: number,
  ): Promise<Uploaded> {
    if (serviceId !== undefined) await this.access.mustBuild(principal, serviceId);
    else if (!principal.admin && principal.tenants.length === 0)
      throw new LogsError('FORBIDDEN', 'nothing may be built with this token');
    const tenant = await this.#tenantOf(principal, serviceId, asked);
    const most = this.desk.maxUploadBytes;
    // Without waiting for the bytes that would be too many.
    if (length > most && most > 0) throw new LogsError('PAYLOAD_TOO_LARGE', `the archive is larger than ${most} bytes`);
    return this.desk.upload(archive, tenant);
  }

  /** Cancels a build. @throws {LogsError} NOT_FOUND, FORBIDDEN, and as {@link BuildDesk.cancel} */
  async cancel(principal: ApiPrincipal, deploymentId: string): Promise<Deployment> {
    await this.#readable(principal, deploymentId);
    if (!(await this.access.may(principal, 'build', `build:${deploymentId}`)))
      throw new LogsError('FORBIDDEN', `deployment ${deploymentId} may be read but not cancelled with this token`);
    return shown(await this.desk.cancel(deploymentId));
  }

  /** @throws {LogsError} NOT_FOUND */
  async one(principal: ApiPrincipal, deploymentId: string): Promise<Deployment> {
    return shown(await this.#readable(principal, deploymentId));
  }

  /** Those one may see, newest first. */
  async list(principal: ApiPrincipal, { serviceId, limit, cursor }: ListDeployments): Promise<DeploymentPage> {
    this.access.mustBeReader(principal);
    if (cursor !== undefined && !isId(cursor))
      throw invalid([{ field: 'cursor', message: 'must be what `next` said' }]);
    const deployments: Deployment[] = [];
    let before = cursor;
    for (let seen = 0; seen < MOST_LISTED;) {
      const page = await this.deployments.list({
        limit: PAGE,
        ...(serviceId !== undefined && { serviceId }),
        ...(before !== undefined && { before }),
      });
      for (const record of page) {
        this.tenants.learnBuild(record);
        if (!(await this.access.may(principal, 'read', `build:${record.deploymentId}`))) continue;
        if (deployments.length === limit) return { deployments, next: deployments.at(-1)?.deploymentId ?? '' };
        deployments.push(shown(record));
      }
      seen += page.length;
      before = page.at(-1)?.deploymentId;
      if (page.length < PAGE || before === undefined) return { deployments };
    }
    return { deployments, ...(before !== undefined && { next: before }) };
  }

  /** What one may not see looks like what there is not. */
  async #readable(principal: ApiPrincipal, deploymentId: string): Promise<DeploymentRecord> {
    const record = await this.deployments.get(deploymentId);
    if (!record || !(await this.access.may(principal, 'read', `build:${deploymentId}`)))
      throw new LogsError('NOT_FOUND', `there is no deployment ${deploymentId}`);
    return record;
  }

  /** Whose a build is: the service's tenant; of a service that nobody has yet, whoever asks. */
  async #tenantOf(
    { admin, tenants }: ApiPrincipal,
    serviceId: string | undefined,
    asked: string | undefined,
  ): Promise<string | undefined> {
    const owner = serviceId === undefined ? undefined : await this.tenants.ownerOf(serviceId);
    if (owner) {
      if (asked !== undefined && asked !== owner.tenant)
        throw invalid([{ field: 'tenant', message: `is not the one of service ${serviceId}` }]);
      return owner.tenant;
    }
    if (asked !== undefined) {
      if (admin || tenants.includes(asked)) return asked;
      throw invalid([{ field: 'tenant', message: 'is none of your token’s' }]);
    }
    if (admin || tenants.length === 1) return tenants.length === 1 ? tenants[0] : undefined;
    const which = serviceId === undefined ? 'without a serviceId' : `since service ${serviceId} is nobody’s yet`;
    throw invalid([
      { field: 'tenant', message: `is missing: ${which}, name one of your tenants (${tenants.join(', ')})` },
    ]);
  }
}

/** A record as outsiders see it. */
function shown({
  deploymentId,
  serviceId,
  status,
  createdAt,
  startedAt,
  endedAt,
  exitCode,
  image,
}: Deployment): Deployment {
  return {
    deploymentId,
    serviceId,
    status,
    createdAt,
    ...(startedAt !== undefined && { startedAt }),
    ...(endedAt !== undefined && { endedAt }),
    ...(exitCode !== undefined && { exitCode }),
    ...(image !== undefined && { image }),
  };
}
