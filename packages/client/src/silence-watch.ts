import type { Socket } from 'socket.io-client';

/** How much later than due a sign of life may come, in milliseconds. */
const GRACE_MS = 5_000;
/** In so many looks; a process that was busy or asleep itself looks once and then reads what is there. */
const LOOKS = 5;

/**
 * Tells when a server that should send a ping every so often sends nothing at all. Engine.IO's own patience is the
 * server's, which is long for the sake of readers who stop reading for a while.
 */
export class SilenceWatch {
  readonly #onSilence: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #heard = false;

  constructor(onSilence: () => void) {
    this.#onSilence = onSilence;
  }

  /** Watches the connection that the socket has just begun to open, until `stop`. */
  start(socket: Socket): void {
    this.stop();
    const { engine } = socket.io;
    engine.on('packet', () => (this.#heard = true));
    engine.once('handshake', ({ pingInterval }: { pingInterval: number }) =>
      this.#look((pingInterval + GRACE_MS) / LOOKS, 0),
    );
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #look(everyMs: number, quiet: number): void {
    this.stop();
    this.#heard = false;
    this.#timer = setTimeout(() => {
      if (this.#heard) this.#look(everyMs, 0);
      else if (quiet + 1 < LOOKS) this.#look(everyMs, quiet + 1);
      else this.#onSilence();
    }, everyMs);
  }
}
