import { Global, Module } from '@nestjs/common';
import { Masker } from '@kubidu/core';

import { CONFIG } from '../config/config.module.ts';
import type { Config } from '../config/config.ts';
import { Metrics } from '../ops/metrics.ts';

/** The one masker of the process: what every source of it writes goes through it. */
@Global()
@Module({
  providers: [
    {
      provide: Masker,
      inject: [CONFIG, Metrics],
      useFactory: (config: Config, metrics: Metrics) =>
        new Masker({ patterns: config.KUBIDU_MASK, onMasked: (count) => metrics.masked(count) }),
    },
  ],
  exports: [Masker],
})
export class MaskModule {}
