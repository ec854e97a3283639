// npm start: installs and builds what is missing, then becomes the server (in this very process, so that signals,
// output and exit status are the server's own and nothing can outlive it).
import { existsSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { buildWhenNeeded } from './workspace/built.mjs';
import { install } from './workspace/installed.mjs';
import { root } from './workspace/root.mjs';

const stop = new AbortController();

// Ctrl-C may reach us twice, from the terminal and from npm: the first one counts and the second must not kill a server
// that is draining. While nobody else listens yet, the first one ends us.
for (const name of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.once(name, () => {
    stop.abort();
    if (process.listenerCount(name) === 0) process.exit(128 + os.constants.signals[name]);
    process.on(name, () => {});
  });
}

try {
  await install({ signal: stop.signal });
  await buildWhenNeeded({ names: ['@kubidu/api', 'kubidu'], signal: stop.signal });
  const main = path.join(root, 'packages', 'api', 'dist', 'main.js');
  if (!existsSync(main)) throw new Error('packages/api has no dist/main.js: the build did not make the server');
  process.argv[1] = main;
  process.setSourceMapsEnabled(true);
  await import(pathToFileURL(main).href);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
}
