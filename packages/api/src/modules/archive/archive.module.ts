import { Module } from '@nestjs/common';

import { Archiving } from './archiving.ts';

@Module({ providers: [Archiving], exports: [Archiving] })
export class ArchiveModule {}
