import { once } from 'node:events';
import { createServer, request as send } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What happens to a request instead of its being passed on and answered. */
export type HttpFault =
  /** It is answered with this status and not passed on. */
  | { readonly status: number }
  /** The connection is cut before it is passed on, or after: when the server has answered. */
  | {
      readonly cut: 'before' | 'after';
      /** Called in that moment, for what is to happen together with it. Must not throw. */
      readonly meanwhile?: () => void;
    }
  /** The answer waits so long, in milliseconds. */
  | { readonly delayMs: number }
  /** It is never answered. */
  | { readonly silent: true };

/** A request as a test judges it. */
export interface ProxiedRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
}

/** Says what goes wrong with a request; undefined for nothing. */
export type FaultOf = (request: ProxiedRequest) => HttpFault | undefined;

/** A proxy before an HTTP server that breaks single requests. Whoever opens it disposes of it. */
export class HttpFaultProxy implements AsyncDisposable {
  /** Replaced by a test whenever it likes. */
  faultOf: FaultOf = () => undefined;
  /** Every request that came, oldest first. */
  readonly requests: ProxiedRequest[] = [];
  readonly #server: Server;
  readonly #target: URL;

  private constructor(server: Server, target: URL) {
    this.#server = server;
    this.#target = target;
    server.on('request', (request, response) => this.#take(request, response));
  }

  /** @param target the server's address, like `http://127.0.0.1:7070` */
  static async open(target: string): Promise<HttpFaultProxy> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new HttpFaultProxy(server, new URL(target));
  }

  /** Where clients connect to. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  #take(request: IncomingMessage, response: ServerResponse): void {
    const seen = { method: request.method ?? '', path: request.url ?? '' };
    this.requests.push(seen);
    const fault = this.faultOf(seen);
    if (fault && 'status' in fault) {
      request.resume();
      response.writeHead(fault.status).end();
    } else if (fault && 'cut' in fault && fault.cut === 'before') {
      fault.meanwhile?.();
      request.socket.destroy();
    } else if (!fault || !('silent' in fault)) this.#pass(request, response, fault);
  }

  #pass(request: IncomingMessage, response: ServerResponse, fault: HttpFault | undefined): void {
    const { hostname, port } = this.#target;
    const { method, url: path, rawHeaders } = request;
    // As they came, the name of the proxy included: they are signed.
    const onward = send({ hostname, port, method, path, headers: rawHeaders, agent: false }, (answer) => {
      const give = (): void => {
        response.writeHead(answer.statusCode ?? 500, answer.rawHeaders);
        answer.pipe(response);
      };
      if (fault && 'cut' in fault) {
        answer.resume().once('end', () => {
          fault.meanwhile?.();
          request.socket.destroy();
        });
      } else if (fault && 'delayMs' in fault) setTimeout(give, fault.delayMs);
      else give();
    });
    onward.on('error', () => request.socket.destroy());
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  }
}
