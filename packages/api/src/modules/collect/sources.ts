import type { LogSource, SourceService } from '@kubidu/core';

/** A source and what /readyz calls it. */
export interface NamedSource {
  readonly name: string;
  readonly source: LogSource;
  /** What it runs ends with this server: it is closed before its follows are, so that the last lines are stored too. */
  readonly endsWithUs?: boolean;
  /** Pods that it ignores now, because the service that their label names belongs to another namespace. */
  foreignPods?(): number;
}

/** Every source of this process as one: a service belongs to the first that knows it. */
export class Sources implements AsyncDisposable {
  readonly all: readonly NamedSource[];
  #listeners: ((services: readonly SourceService[]) => void)[] = [];

  constructor(all: readonly NamedSource[]) {
    this.all = all;
  }

  /** Begins to look; listeners are told of what is there then and of every change. */
  async start(): Promise<void> {
    await Promise.all(this.all.map(({ source }) => source.start(() => this.#changed())));
    this.#changed();
  }

  /** Calls the listener with all services, whenever they change. */
  onChange(listener: (services: readonly SourceService[]) => void): void {
    this.#listeners.push(listener);
  }

  /** Services known now, in the order of their ids. */
  services(): readonly SourceService[] {
    const found = new Map<string, SourceService>();
    for (const { source } of this.all)
      for (const service of source.services()) if (!found.has(service.serviceId)) found.set(service.serviceId, service);
    return [...found.values()].sort((a, b) => (a.serviceId < b.serviceId ? -1 : 1));
  }

  service(serviceId: string): SourceService | undefined {
    for (const { source } of this.all) {
      const service = source.services().find((one) => one.serviceId === serviceId);
      if (service) return service;
    }
    return undefined;
  }

  /** Pods that are ignored now, because the service that their label names belongs to another namespace. */
  foreignPods(): number {
    return this.all.reduce((sum, named) => sum + (named.foreignPods?.() ?? 0), 0);
  }

  /** The source that can follow the service. */
  of(serviceId: string): LogSource | undefined {
    return this.all.find(({ source }) => source.services().some((one) => one.serviceId === serviceId))?.source;
  }

  /** Ends what ends with us, and resolves once its last lines were taken. */
  async endOwn(): Promise<void> {
    const own = this.all.filter(({ endsWithUs }) => endsWithUs);
    await Promise.all(own.map(({ source }) => source[Symbol.asyncDispose]()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listeners = [];
    await Promise.all(this.all.map(({ source }) => source[Symbol.asyncDispose]()));
  }

  #changed(): void {
    const services = this.services();
    for (const listener of this.#listeners) listener(services);
  }
}
