import { Controller, Get, Header, Headers, Res } from '@nestjs/common';
import { ReadinessReport } from '@kubidu/contracts';
import { LogsError } from '@kubidu/core';
import type { Response } from 'express';
import { z } from 'zod';

import { Described } from '../../http/described.ts';
import { Authenticator } from '../auth/authenticator.ts';
import { bearerOf } from '../auth/bearer.ts';
import { sameSecret } from '../auth/same-secret.ts';
import { Sources } from '../collect/sources.ts';
import { InjectConfig } from '../config/config.module.ts';
import type { Config } from '../config/config.ts';
import { Metrics } from './metrics.ts';
import { Readiness } from './readiness.ts';

@Controller()
export class OpsController {
  constructor(
    @InjectConfig() private readonly config: Config,
    private readonly authenticator: Authenticator,
    private readonly readiness: Readiness,
    private readonly metrics: Metrics,
    private readonly sources: Sources,
  ) {}

  /** The process lives. */
  @Get('healthz')
  @Described({ summary: 'Whether the process lives', answer: z.object({ ok: z.literal(true) }), open: true })
  healthz(): { ok: true } {
    return { ok: true };
  }

  /** The process can do its work; 503 with what it waits for if not. */
  @Get('readyz')
  @Described({
    summary: 'Whether the process can do its work, and the state of what it depends on',
    details: 'With status 503 and the same body while it cannot.',
    answer: ReadinessReport,
    open: true,
  })
  async readyz(@Res({ passthrough: true }) response: Response): Promise<ReadinessReport> {
    const report = await this.readiness.report();
    response.status(report.ready ? 200 : 503);
    return report;
  }

  @Get('metrics')
  @Described({
    summary: 'Metrics',
    answer: { types: ['text/plain'], description: 'In the text format of Prometheus.' },
    errors: ['UNAUTHENTICATED', 'FORBIDDEN'],
  })
  @Header('Content-Type', 'text/plain; version=0.0.4; charset=utf-8')
  async prometheus(@Headers('authorization') authorization: string | undefined): Promise<string> {
    await this.#mayScrape(bearerOf(authorization));
    await this.readiness.report();
    this.metrics.foreignPods(this.sources.foreignPods());
    return this.metrics.registry.metrics();
  }

  /** Names of tenants are not in the metrics, but how much there is to read is nobody's business. */
  async #mayScrape(token: string | undefined): Promise<void> {
    const own = this.config.KUBIDU_METRICS_TOKEN;
    if (own !== undefined && token !== undefined && sameSecret(token, own)) return;
    if (own !== undefined && !this.config.authentication) throw new LogsError('UNAUTHENTICATED', 'a token is needed');
    const { admin } = await this.authenticator.authenticate(token);
    if (!admin) throw new LogsError('FORBIDDEN', 'metrics are for admins and for KUBIDU_METRICS_TOKEN');
  }
}
