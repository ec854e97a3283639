import type { Socket } from 'socket.io-client';

/** How much later than due a sign of life may come, in milliseconds. */
const GRACE_MS = 5_000;

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
    engine.once('handshake', ({ pingInterval }: { pingInterval: number }) => this.#wait(pingInterval + GRACE_MS));
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #wait(silenceMs: number): void {
    this.stop();
    this.#heard = false;
    this.#timer = setTimeout(() => {
      if (this.#heard) return this.#wait(silenceMs);
      // A process that was busy or asleep itself has not read yet what is there.
      this.#timer = setTimeout(() => (this.#heard ? this.#wait(silenceMs) : this.#onSilence()), 500);
    }, silenceMs);
  }
}
