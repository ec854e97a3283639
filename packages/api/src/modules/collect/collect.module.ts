import { Global, Module } from '@nestjs/common';

import { Collector } from './collector.ts';
import { Retention } from './retention.ts';

@Global()
@Module({ providers: [Collector, Retention], exports: [Collector, Retention] })
export class CollectModule {}
