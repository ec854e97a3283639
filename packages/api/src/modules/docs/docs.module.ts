import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';

import { ApiDocs } from './api-docs.ts';
import { DocsController } from './docs.controller.ts';

@Module({ imports: [DiscoveryModule], controllers: [DocsController], providers: [ApiDocs] })
export class DocsModule {}
