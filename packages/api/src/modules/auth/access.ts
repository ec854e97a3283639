import { Inject, Injectable } from '@nestjs/common';
import type { Action, StreamId } from '@kubidu/contracts';
import { LogsError } from '@kubidu/core';
import type { AccessPolicy } from '@kubidu/core';

import type { ApiPrincipal } from './api-principal.ts';

/** Injection token of the {@link AccessPolicy}. */
export const ACCESS_POLICY = Symbol('AccessPolicy');

/** Asks the policy, for all but those whom no policy knows: the local principal and the ingest token. */
@Injectable()
export class Access {
  constructor(@Inject(ACCESS_POLICY) private readonly policy: AccessPolicy) {}

  async may(principal: ApiPrincipal, action: Action, stream: StreamId): Promise<boolean> {
    if (principal.kind === 'local') return true;
    if (principal.kind === 'ingest') return action === 'write';
    return this.policy.may(principal, action, stream);
  }

  /** @throws {LogsError} NOT_FOUND: what one may not see looks like what is not there */
  async mustRead(principal: ApiPrincipal, stream: StreamId): Promise<void> {
    if (!(await this.may(principal, 'read', stream))) throw noSuchStream(stream);
  }

  /** @throws {LogsError} FORBIDDEN for a stream one may read, else NOT_FOUND */
  async mustWrite(principal: ApiPrincipal, stream: StreamId): Promise<void> {
    if (await this.may(principal, 'write', stream)) return;
    await this.mustRead(principal, stream);
    throw new LogsError('FORBIDDEN', `${stream} may be read but not written with this token`);
  }

  /** @throws {LogsError} FORBIDDEN for a service whose log one may read, else NOT_FOUND */
  async mustBuild(principal: ApiPrincipal, serviceId: string): Promise<void> {
    const stream = `runtime:${serviceId}` as const;
    if (await this.may(principal, 'build', stream)) return;
    if (await this.may(principal, 'read', stream))
      throw new LogsError('FORBIDDEN', `service ${serviceId} may be read but not built with this token`);
    throw new LogsError('NOT_FOUND', `there is no service ${serviceId} that you may build`);
  }

  /** For lists, which show what one may read. @throws {LogsError} FORBIDDEN for those who may read nothing */
  mustBeReader(principal: ApiPrincipal): void {
    if (principal.kind === 'ingest') throw new LogsError('FORBIDDEN', 'the ingest token may only write');
  }
}

/** The same words whether a stream does not exist or may not be seen. */
export function noSuchStream(stream: string): LogsError {
  return new LogsError('NOT_FOUND', `there is no stream ${stream}`);
}
