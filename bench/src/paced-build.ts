import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Lines that a build writes in all, 0.1 KB each. */
export const LINES = 100_000;
const STEPS = 4;
/** The engine of Docker 20.10 loses the end of a step that writes a MiB at once: a block is 0.2 MB. */
const BLOCK = 2_000;
const PAUSE_S = 0.2;
const TEXT = 'added package @kubidu/example with integrity sha512 and linked it to the workspace';
/** Said by the first step before anything else: seconds since the machine's start, a clock that container and host share. */
const BEGAN = /^began ([\d.]+)$/;

/** A folder to build, whose steps write numbered lines over several seconds. Whoever writes it disposes of it. */
export class PacedBuild implements AsyncDisposable {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async write(): Promise<PacedBuild> {
    const folder = await mkdtemp(path.join(tmpdir(), 'kubidu-bench-build-'));
    const steps = Array.from({ length: STEPS }, (_, at) => `RUN ${at === 0 ? `${STAMP}; ` : ''}${blocks(at)}`);
    await writeFile(path.join(folder, 'Dockerfile'), ['FROM kubidu.test/busybox:1', ...steps, ''].join('\n'));
    return new PacedBuild(folder);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}

const STAMP = `echo "began $(cut -d ' ' -f 1 /proc/uptime)"`;

function blocks(step: number): string {
  const [from, to] = [(step * LINES) / STEPS + 1, ((step + 1) * LINES) / STEPS];
  const pause = `if (n % ${BLOCK} == 0) { fflush(); system("sleep ${PAUSE_S}") }`;
  return `awk 'BEGIN { for (n = ${from}; n <= ${to}; n++) { print n " ${TEXT}"; ${pause} } }'`;
}

/** What arrived of a build's lines. */
export class ArrivedLines {
  #last = 0;
  #inOrder = 0;
  #misplaced = 0;
  #beganMs = NaN;

  /** The next line, as the step wrote it; one that is not the build's is passed over. */
  take(line: string): void {
    const n = numberOf(line);
    if (n === undefined) {
      const seconds = BEGAN.exec(line)?.[1];
      if (seconds !== undefined) this.#beganMs = BOOTED_MS + Number(seconds) * 1_000;
    } else if (n > this.#last) {
      this.#last = n;
      this.#inOrder++;
    } else this.#misplaced++;
  }

  /** When the first step began to write, in milliseconds since 1970, to 10 ms. */
  get beganMs(): number {
    return this.#beganMs;
  }

  /** Lines that did not come, came twice, or came in another place. */
  get missing(): number {
    return LINES - this.#inOrder + this.#misplaced;
  }
}

/** Which of the numbered lines it is; undefined for any other. */
export function numberOf(line: string): number | undefined {
  return line.endsWith(TEXT) ? Number(line.slice(0, -TEXT.length)) : undefined;
}

const BOOTED_MS = Date.now() - Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1_000;
