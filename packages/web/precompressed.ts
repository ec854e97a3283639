import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

import type { Plugin } from 'vite';

/** Smaller files are sent as they are: a packet holds them anyway. */
const LEAST_BYTES = 1_024;

/**
 * Puts a `.br` and a `.gz` beside each file that compresses, so that the server need not do it for each reader. In
 * production only: what is built for development is sent to nobody far away.
 */
export function precompressed(folder: string): Plugin {
  return {
    name: 'precompressed',
    apply: (_, { command, mode }) => command === 'build' && mode === 'production',
    closeBundle() {
      for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
        if (!/\.(js|css|html|svg|json)$/.test(name)) continue;
        const file = path.join(folder, name);
        const bytes = readFileSync(file);
        if (bytes.length < LEAST_BYTES) continue;
        const quality = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
        writeFileSync(`${file}.br`, brotliCompressSync(bytes, { params: quality }));
        writeFileSync(`${file}.gz`, gzipSync(bytes, { level: constants.Z_BEST_COMPRESSION }));
      }
    },
  };
}
