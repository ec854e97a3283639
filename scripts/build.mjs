// npm run build: every package that changed, and what depends on it.
import { build } from './workspace/built.mjs';

try {
  await build();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
