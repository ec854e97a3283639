import type { Source } from '@kubidu/contracts';
import type { LogSource, Sink, SourceCapabilities, SourceLine, SourceService, SourceWriter } from '@kubidu/core';

/** A source whose services and lines a test gives. */
export class ScriptedSource implements LogSource {
  readonly capabilities: SourceCapabilities;
  /** Follows under way, by service. */
  readonly following = new Map<string, Sink>();
  readonly #services = new Map<string, SourceService>();
  #onChange = (): void => undefined;
  #closed = false;

  constructor(capabilities: SourceCapabilities = { rereadable: true }) {
    this.capabilities = capabilities;
  }

  async start(onChange: () => void): Promise<void> {
    this.#onChange = onChange;
  }

  services(): readonly SourceService[] {
    return [...this.#services.values()].sort((a, b) => (a.serviceId < b.serviceId ? -1 : 1));
  }

  async follow(serviceId: string, sink: Sink, signal: AbortSignal): Promise<void> {
    this.following.set(serviceId, sink);
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    if (this.following.get(serviceId) === sink) this.following.delete(serviceId);
  }

  health(): { ok: boolean; detail?: string } {
    return this.#closed ? { ok: false, detail: 'closed' } : { ok: true };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
  }

  /** A service comes, or changes; without pods by default. */
  has(serviceId: string, service: Omit<Partial<SourceService>, 'serviceId'> = {}): void {
    this.#services.set(serviceId, { serviceId, pods: [], ...service });
    this.#onChange();
  }

  /** A service goes. */
  lacks(serviceId: string): void {
    this.#services.delete(serviceId);
    this.#onChange();
  }

  /** Opens a writer of the service that is followed. */
  writer(serviceId: string, source: string): SourceWriter {
    const sink = this.following.get(serviceId);
    if (!sink) throw new Error(`nobody follows ${serviceId}`);
    return sink.open(source, { podName: source, container: 'app', restart: 0 });
  }

  sources(serviceId: string, sources: readonly Source[]): void {
    this.following.get(serviceId)?.sources(sources);
  }
}

/** Lines with the numbers `from` to `to`. */
export function numbered(from: number, to: number): SourceLine[] {
  return Array.from({ length: to - from + 1 }, (_, at) => ({
    timestamp: '2026-11-20T23:16:57.856942694Z',
    message: `line ${from + at}`,
  }));
}
