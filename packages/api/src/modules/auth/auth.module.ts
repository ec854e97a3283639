import { Global, Module } from '@nestjs/common';

import { ACCESS_POLICY, Access } from './access.ts';
import { AllowPolicy } from './allow-policy.ts';
import { Authenticator } from './authenticator.ts';
import { ClaimsPolicy } from './claims-policy.ts';
import { CONFIG } from '../config/config.module.ts';
import type { Config } from '../config/config.ts';
import { MeController } from './me.controller.ts';
import { Tenants } from './tenants.ts';

@Global()
@Module({
  controllers: [MeController],
  providers: [
    Authenticator,
    Access,
    Tenants,
    {
      provide: ACCESS_POLICY,
      inject: [CONFIG, Tenants],
      useFactory: (config: Config, tenants: Tenants) =>
        config.access === 'allow' ? new AllowPolicy() : new ClaimsPolicy(tenants),
    },
  ],
  exports: [Authenticator, Access, Tenants],
})
export class AuthModule {}
