import type { HttpApi } from '@kubidu/client/http';

import { byteCount } from '../byte-count.ts';
import { number } from '@kubidu/text';
import type { World } from '../environment.ts';
import { CliError, EXIT } from '../exit.ts';
import { isClientError } from '../explain.ts';
import { Notices } from '../output/notices.ts';
import { StatusLine } from '../output/status-line.ts';
import { contextArchive } from './context-archive.ts';
import { contextFiles } from './context-files.ts';
import type { ContextFiles } from './context-files.ts';
import { ignoreRules } from './ignore-rules.ts';

/** Parts of a context that are named when it is too large. */
const NAMED = 5;

/** A folder to build. */
export interface Context {
  /** Absolute. */
  readonly folder: string;
  /** Path of the Dockerfile within it. */
  readonly dockerfile: string;
  readonly serviceId: string;
  readonly tenant: string | undefined;
}

/** Packs a folder and sends it while it is being packed. Resolves with the upload's name. */
export async function uploadContext(
  api: HttpApi,
  { folder, dockerfile, serviceId, tenant }: Context,
  { stderr, signal }: World,
): Promise<string> {
  const status = new StatusLine(stderr);
  const notices = new Notices(stderr, status);
  const files = await contextFiles(folder, await ignoreRules(folder, dockerfile), signal);
  const what = `${number(files.files)} ${files.files === 1 ? 'file' : 'files'}, ${byteCount(files.bytes)}`;
  let sent = 0;
  status.show(() => `uploading ${what}: ${byteCount(sent)} sent, compressed`);
  try {
    const archive = ReadableStream.from(contextArchive(folder, files.paths, (bytes) => (sent += bytes)));
    const { upload, bytes } = await api.upload(archive, { serviceId, tenant }, signal);
    notices.say(`uploaded ${what} (${byteCount(bytes)} compressed)`);
    return upload;
  } catch (error) {
    if (!isClientError(error) || error.code !== 'PAYLOAD_TOO_LARGE') throw error;
    throw new CliError(EXIT.failed, tooLarge(error.message, files), { cause: error });
  } finally {
    status.close();
  }
}

function tooLarge(message: string, { bytes, largest }: ContextFiles): string {
  const parts = largest.slice(0, NAMED).map((part) => `  ${byteCount(part.bytes).padStart(8)}  ${part.path}`);
  return [
    `${message}. This folder has ${byteCount(bytes)} before it is compressed, the largest of it:`,
    ...parts,
    'Name what the build does not need in a file .dockerignore, one pattern a line',
  ].join('\n');
}
