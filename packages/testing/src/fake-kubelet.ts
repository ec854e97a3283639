import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A line in a container's log file. */
export interface FakeLine {
  /** With nine digits of a second, as a kubelet sends it. */
  readonly time: string;
  readonly message: string;
  /** What comes behind it in the same line: a container runtime parts long ones, and stamps each piece. */
  readonly rest?: readonly FakeLine[];
}

/** What goes wrong with one log stream after so many bytes. */
export interface StreamFault {
  readonly afterBytes: number;
  /** `text`: the kubelet's own words, then an end, all with status 200. */
  readonly how: 'reset' | 'eof' | 'silent' | 'text';
}

/** One run of the container. */
interface Instance {
  readonly restart: number;
  readonly files: FakeLine[][];
  exit: { exitCode: number; reason: string } | undefined;
}

interface Reader {
  readonly instance: Instance;
  readonly response: ServerResponse;
  readonly since: string;
  readonly follow: boolean;
  file: number;
  line: number;
  bytes: number;
  fault: StreamFault | undefined;
  stopped: boolean;
}

const KUBELET_WORDS = 'failed to create fsnotify watcher: too many open files';

/**
 * An API server with one pod of one container in one namespace, and the kubelet's habits: `sinceTime` in whole seconds,
 * rotated files that cannot be read back, followers that finish a rotated file before they open the next. Faults are
 * given to it one by one. Checked against the real thing by the tests that run on both.
 */
export class FakeKubelet implements AsyncDisposable {
  readonly url: string;
  /** Faults of the log streams to come, the first for the next. */
  readonly faults: StreamFault[] = [];
  /** Log requests that followed, so far. */
  follows = 0;
  /** Requests for the pod alone, so far. */
  looks = 0;
  /** Requests that were not answered because the runtime or the API server was away. */
  refusals = 0;
  /** Watches answered with 410 before they work. */
  expiredWatches = 0;
  /** Log requests are answered with the kubelet's own words, as while its container runtime is away. */
  runtimeAway = false;
  /** Nothing is told to watches while this is set; lists know. */
  muteWatches = false;
  readonly #server: Server;
  readonly #readers = new Set<Reader>();
  readonly #watches = new Set<ServerResponse>();
  #version = 1;
  #instance = newInstance(0);
  #previous: Instance | undefined;
  #deleted = false;
  #away = false;
  #frozen: object | undefined;
  readonly #labels: Readonly<Record<string, string>>;

  private constructor(server: Server, labels: Readonly<Record<string, string>>) {
    this.#server = server;
    this.#labels = labels;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('request', (request, response) => this.#answer(request, response));
  }

  /** @param labels of the pod, beside the one that makes it the service `web`'s */
  static async open(labels: Readonly<Record<string, string>> = {}): Promise<FakeKubelet> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new FakeKubelet(server, labels);
  }

  /** The container writes. */
  write(...lines: readonly FakeLine[]): void {
    this.#instance.files.at(-1)?.push(...lines);
    this.#pump();
  }

  /** The kubelet rotates; followers finish the old file first. */
  rotate(): void {
    this.#instance.files.push([]);
    this.#pump();
  }

  /** As a kubelet that was overtaken by its own rotation: followers open the newest file from its start. */
  overtake(): void {
    for (const reader of this.#readers) Object.assign(reader, { file: reader.instance.files.length - 1, line: 0 });
    this.#pump();
  }

  /** The container ends, and so do the streams that follow it. */
  exit(exitCode: number): void {
    this.#instance.exit = { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error' };
    this.#changed('MODIFIED');
    this.#pump();
  }

  /** The container ends and begins again; of the instances before, the log of the latest can be had. */
  restart(exitCode: number): void {
    this.#instance.exit = { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error' };
    this.#pump();
    this.#previous = this.#instance;
    this.#instance = newInstance(this.#previous.restart + 1);
    this.#changed('MODIFIED');
  }

  /** The API server is away: nobody is connected, and nobody can connect, until the returned function is called. */
  goAway(): () => void {
    this.#away = true;
    this.#server.closeAllConnections();
    return () => (this.#away = false);
  }

  /** The pod's status stays as it is, whatever its container does, until the returned function is called. */
  freezeStatus(): () => void {
    this.#frozen = this.#pod;
    return () => {
      this.#frozen = undefined;
      this.#changed('MODIFIED');
    };
  }

  /** Watches hear once more of the pod as it was, as late as that may be. */
  repeat(): void {
    for (const watch of this.#watches) watch.write(this.#event('MODIFIED'));
  }

  deletePod(): void {
    this.#deleted = true;
    this.#changed('DELETED');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  get #pod(): object {
    if (this.#frozen) return this.#frozen;
    const { restart, exit } = this.#instance;
    const containerID = idOf(this.#instance);
    const startedAt = '2026-01-01T00:00:00Z';
    const state = exit ? { terminated: { ...exit, containerID, startedAt } } : { running: { startedAt } };
    const before = this.#previous && { ...this.#previous.exit, containerID: idOf(this.#previous), startedAt };
    const lastState = before ? { terminated: before } : {};
    const status = { name: 'app', image: 'fake', containerID, restartCount: restart, state, lastState };
    return {
      metadata: {
        uid: 'pod-uid',
        name: 'pod',
        namespace: 'fake',
        resourceVersion: String(this.#version),
        creationTimestamp: startedAt,
        labels: { 'kubidu.io/service-id': 'web', ...this.#labels },
      },
      status: { containerStatuses: [status] },
    };
  }

  #event(type: string): string {
    return `${JSON.stringify({ type, object: this.#pod })}\n`;
  }

  #changed(type: string): void {
    this.#version++;
    if (this.muteWatches) return;
    for (const watch of this.#watches) watch.write(this.#event(type));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    if (this.#away) {
      this.refusals++;
      request.socket.destroy();
      return;
    }
    const { pathname, searchParams } = new URL(request.url ?? '/', this.url);
    const json = (value: object, status = 200): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    };
    if (pathname.endsWith('/log'))
      return this.#deleted ? json({ message: 'not found' }, 404) : this.#log(searchParams, response);
    if (pathname.endsWith('/pods/pod')) this.looks++;
    if (pathname.endsWith('/pods/pod')) return this.#deleted ? json({ message: 'not found' }, 404) : json(this.#pod);
    const isPods = pathname.endsWith('/pods');
    if (searchParams.get('watch')) return this.#watch(isPods, Number(searchParams.get('resourceVersion')), response);
    const items = isPods && !this.#deleted ? [this.#pod] : [];
    json({ metadata: { resourceVersion: String(this.#version) }, items });
  }

  #watch(isPods: boolean, since: number, response: ServerResponse): void {
    if (isPods && this.expiredWatches > 0) {
      this.expiredWatches--;
      response.writeHead(200).end(`${JSON.stringify({ type: 'ERROR', object: { code: 410, metadata: {} } })}\n`);
      return;
    }
    response.writeHead(200).flushHeaders();
    if (!isPods) return;
    if (since < this.#version && !this.muteWatches) response.write(this.#event(this.#deleted ? 'DELETED' : 'MODIFIED'));
    this.#watches.add(response);
    response.on('close', () => this.#watches.delete(response));
  }

  #log(query: URLSearchParams, response: ServerResponse): void {
    if (this.runtimeAway) {
      this.refusals++;
      response.writeHead(200).end('unable to retrieve container logs for fake://app');
      return;
    }
    const follow = query.get('follow') === 'true';
    const tail = query.get('tailLines');
    const instance = query.get('previous') === 'true' ? this.#previous : this.#instance;
    if (!instance) {
      response.writeHead(400, { 'content-type': 'application/json' }).end('{"message":"no previous instance"}');
      return;
    }
    const file = instance.files.length - 1;
    const length = instance.files[file]?.length ?? 0;
    const reader: Reader = {
      instance,
      response,
      follow,
      since: query.get('sinceTime')?.slice(0, 19) ?? '',
      file,
      line: tail === null ? 0 : Math.max(length - Number(tail), 0),
      bytes: 0,
      fault: follow ? this.faults.shift() : undefined,
      stopped: false,
    };
    if (follow) this.follows++;
    response.writeHead(200).flushHeaders();
    this.#readers.add(reader);
    response.on('close', () => this.#readers.delete(reader));
    this.#pump();
  }

  #pump(): void {
    for (const reader of [...this.#readers]) this.#pumpOne(reader);
  }

  #pumpOne(reader: Reader): void {
    const text: string[] = [];
    const { files, exit } = reader.instance;
    for (;;) {
      const file = files[reader.file] ?? [];
      if (reader.line < file.length) {
        const line = file[reader.line++];
        if (line) text.push(sent(line, reader.since));
      } else if (reader.follow && reader.file < files.length - 1) {
        Object.assign(reader, { file: reader.file + 1, line: 0 });
      } else break;
    }
    const over = !reader.follow || exit !== undefined;
    this.#send(reader, Buffer.from(text.join('')), over);
  }

  #send(reader: Reader, bytes: Buffer, over: boolean): void {
    if (reader.stopped) return;
    const { response, fault } = reader;
    const room = fault ? fault.afterBytes - reader.bytes : Infinity;
    reader.bytes += bytes.length;
    if (!fault || bytes.length < room) {
      if (bytes.length > 0) response.write(bytes);
      if (over) this.#stop(reader, () => response.end());
      return;
    }
    const part = bytes.subarray(0, Math.max(room, 0));
    const faults: Record<StreamFault['how'], () => void> = {
      // What was written gets out before the connection breaks: a cut in the middle of a line.
      reset: () => response.write(part, () => response.destroy()),
      eof: () => response.end(part),
      silent: () => response.write(part),
      text: () => response.end(`${part.subarray(0, part.lastIndexOf(10) + 1).toString()}${KUBELET_WORDS}`),
    };
    this.#stop(reader, faults[fault.how]);
  }

  #stop(reader: Reader, end: () => unknown): void {
    reader.stopped = true;
    if (reader.fault?.how !== 'silent') this.#readers.delete(reader);
    end();
  }
}

/** A line's pieces since a second; only what begins it is sent with its stamp. */
function sent(line: FakeLine, since: string): string {
  const isSent = ({ time }: FakeLine): boolean => time.slice(0, 19) >= since;
  const head = isSent(line) ? `${line.time} ${line.message}` : '';
  const rest = (line.rest ?? []).filter(isSent).map(({ message }) => message);
  return head === '' && rest.length === 0 ? '' : `${head}${rest.join('')}\n`;
}

function newInstance(restart: number): Instance {
  return { restart, files: [[]], exit: undefined };
}

function idOf({ restart }: Instance): string {
  return `fake://${restart}`;
}
