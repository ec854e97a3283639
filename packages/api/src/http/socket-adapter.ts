import type { INestApplicationContext } from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { LIMITS } from '@kubidu/contracts';
import type { Server, ServerOptions } from 'socket.io';

import type { Config } from '../modules/config/config.ts';
import { originAllowed } from './middleware.ts';

/** Engine.IO as this server wants it; see docs/explanation. */
export class SocketAdapter extends IoAdapter {
  readonly #config: Config;

  constructor(app: INestApplicationContext, config: Config) {
    super(app);
    this.#config = config;
  }

  override createIOServer(port: number, options?: Partial<ServerOptions>): Server {
    const { KUBIDU_CORS_ORIGINS: origins, authentication } = this.#config;
    return super.createIOServer(port, {
      ...options,
      // Compressing costs more CPU than the rest of the way together, and memory for each socket.
      perMessageDeflate: false,
      maxHttpBufferSize: LIMITS.socketMessageBytes,
      pingInterval: 10_000,
      // A reader who stops reading for a minute sends no pong meanwhile; it is to go on where it was, not to be cut off.
      pingTimeout: 80_000,
      serveClient: false,
      ...(origins.length > 0 && { cors: { origin: [...origins], credentials: true } }),
      // WebSockets know no CORS: whoever opens one is asked here.
      allowRequest: (request, answer) => answer(null, originAllowed(request, origins, authentication)),
    } as ServerOptions);
  }
}
