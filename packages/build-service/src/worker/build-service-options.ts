import { join } from 'node:path';

import { Masker, MaskingWriter, systemClock } from '@kubidu/core';
import type { AppendReport, BuildQueue, BuildUploads, Deployments, ImageBuilder, Leases, LogStore } from '@kubidu/core';
import type { Logger } from 'pino';

import type { BuildSettings } from '../config/settings.ts';
import type { Sealer } from '../secrets/sealer.ts';
import type { BuildServiceOptions } from '../services/build.service.ts';
import { BuildSources } from '../sources/build-sources.ts';
import { imageOf } from './image-name.ts';

/** What builds stand on. */
export interface BuildResources {
  readonly settings: BuildSettings;
  /** Folders of this machine below which `{ path }` may lie. */
  readonly allowedRoots: readonly string[];
  readonly store: LogStore;
  readonly leases: Leases;
  readonly deployments: Deployments;
  readonly queue: BuildQueue;
  readonly uploads: BuildUploads;
  readonly sealer: Sealer;
  readonly builder: ImageBuilder;
  readonly logger: Logger;
  /** Called with how many things were masked. */
  readonly onMasked?: (count: number) => void;
  /** Called after each append to a build's stream. Must not throw. */
  readonly onAppend?: (report: AppendReport) => void;
}

/** Folder of what builds write while the store is away. */
export const spoolFolderOf = ({ KUBIDU_DATA_DIR }: BuildSettings): string => join(KUBIDU_DATA_DIR, 'spool');

/** Builds as the settings want them. */
export function buildServiceOptions(of: BuildResources): BuildServiceOptions {
  const { settings, store, leases, deployments, builder, uploads, sealer, onAppend, onMasked = () => undefined } = of;
  return {
    ...{ store, leases, deployments, builder },
    sources: new BuildSources({
      allowedRoots: of.allowedRoots,
      readUpload: (upload) => uploads.read(upload),
    }),
    openSecrets: ({ deploymentId, sealedSecrets }) =>
      sealedSecrets === undefined ? {} : sealer.open(deploymentId, sealedSecrets),
    writerFor: (writer, secrets) =>
      new MaskingWriter({
        writer,
        masker: new Masker({ secrets, patterns: settings.KUBIDU_MASK, onMasked }),
        clock: systemClock,
      }),
    imageOf: (job) => imageOf(job, settings.KUBIDU_BUILD_REGISTRY),
    spool: { folder: spoolFolderOf(settings), maxBytes: settings.KUBIDU_BUILD_SPOOL_BYTES },
    timeoutMs: settings.KUBIDU_BUILD_TIMEOUT,
    ...(onAppend && { onAppend }),
  };
}
