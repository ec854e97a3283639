import { LIMITS } from '@kubidu/contracts';
import type { INestApplicationContext } from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import type { ServerOptions } from 'socket.io';

/** Socket.IO as log delivery needs it. */
export class SocketAdapter extends IoAdapter {
  readonly #origins: readonly string[];

  /** @param origins browsers' origins that may connect; none by default */
  constructor(app: INestApplicationContext, origins: readonly string[]) {
    super(app);
    this.#origins = origins;
  }

  override createIOServer(port: number, options?: ServerOptions): unknown {
    return super.createIOServer(port, {
      ...options,
      // A connection that died without a word is noticed within 15 s on either side.
      pingInterval: 10_000,
      pingTimeout: 5_000,
      maxHttpBufferSize: LIMITS.socketMessageBytes,
      // Compressing for each socket anew would undo encoding once for all.
      perMessageDeflate: false,
      httpCompression: false,
      serveClient: false,
      ...(this.#origins.length > 0 && { cors: { origin: [...this.#origins], credentials: true } }),
    } as ServerOptions);
  }
}
