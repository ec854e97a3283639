import type { IncomingMessage } from 'node:http';

/** Bytes that all intakes of a process may hold unparsed. */
export class IntakeBudget {
  readonly maxBytes: number;
  usedBytes = 0;

  constructor(maxBytes = 256 * 1024 * 1024) {
    this.maxBytes = maxBytes;
  }
}

const OWN_BYTES = 8 * 1024 * 1024;
/** What an intake may hold however full the budget is: else one could starve. */
const LEAST_BYTES = 64 * 1024;

/**
 * Takes a response's bytes as they come, whatever their reader does meanwhile: a kubelet that waits for us to read may be
 * overtaken by its own log rotation. Beyond 8 MiB (or when the budget is used up) it stops reading until it is emptied.
 */
export class Intake {
  readonly #response: IncomingMessage;
  readonly #budget: IntakeBudget;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #wake: (() => void) | undefined;
  #waking: NodeJS.Immediate | undefined;
  #ended: 'open' | 'clean' | 'broken' = 'open';

  constructor(response: IncomingMessage, budget: IntakeBudget) {
    this.#response = response;
    this.#budget = budget;
    response.on('data', (chunk: Buffer) => this.#add(chunk));
    response.on('end', () => this.#end(response.complete ? 'clean' : 'broken'));
    response.on('error', () => this.#end('broken'));
    response.on('close', () => this.#end('broken'));
  }

  /** `clean`: the server ended the body itself. Only true once everything that came has been taken. */
  get ended(): 'open' | 'clean' | 'broken' {
    return this.#chunks.length > 0 ? 'open' : this.#ended;
  }

  get empty(): boolean {
    return this.#chunks.length === 0;
  }

  /** What came since the last call. */
  take(): readonly Buffer[] {
    const chunks = this.#chunks;
    // Whoever waits next and is woken for what was taken here finds nothing, and takes that for silence.
    clearImmediate(this.#waking);
    this.#waking = undefined;
    this.#budget.usedBytes -= this.#bytes;
    this.#chunks = [];
    this.#bytes = 0;
    if (this.#response.isPaused()) this.#response.resume();
    return chunks;
  }

  /** Resolves with whether bytes or the end are there, at the latest after `ms`, at once when the signal aborts. */
  async wait(ms: number, signal: AbortSignal): Promise<boolean> {
    if (this.#chunks.length > 0 || this.#ended !== 'open') return true;
    if (signal.aborted) return false;
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        this.#wake = undefined;
        resolve(this.#chunks.length > 0 || this.#ended !== 'open');
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener('abort', done, { once: true });
      this.#wake = done;
    });
  }

  /** Ends the connection; what was not taken is dropped. */
  close(): void {
    this.#ended = 'broken';
    this.take();
    this.#response.destroy();
  }

  #add(chunk: Buffer): void {
    if (this.#ended !== 'open') return;
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    this.#budget.usedBytes += chunk.length;
    const crowded = this.#budget.usedBytes >= this.#budget.maxBytes;
    if (this.#bytes >= (crowded ? LEAST_BYTES : OWN_BYTES)) this.#response.pause();
    // What else has come by now is read first, and taken together with it: a busy kubelet sends each line by itself.
    this.#waking ??= setImmediate(() => {
      this.#waking = undefined;
      this.#wake?.();
    });
  }

  #end(how: 'clean' | 'broken'): void {
    if (this.#ended !== 'open') return;
    this.#ended = how;
    this.#wake?.();
  }
}
