/** What this page says to the one around it: a token is needed, or another one than before. Holds no secret. */
const WANTED = 'kubidu:token-wanted';
/** What the page around says: `{ type, token }`. */
const GIVEN = 'kubidu:token';

/** The page whose frame we are in; it may hand in tokens where the server lists its origin (KUBIDU_FRAME_ANCESTORS). */
export class Embedder {
  readonly #origins: readonly string[];

  private constructor(origins: readonly string[]) {
    this.#origins = origins;
  }

  /** The page around this one, or undefined where there is none. Never rejects. */
  static async find(url: string): Promise<Embedder | undefined> {
    if (window.parent === window) return undefined;
    try {
      const response = await fetch(`${url}/embedding.json`);
      const { origins } = (await response.json()) as { origins: string[] };
      return new Embedder(origins);
    } catch {
      return undefined;
    }
  }

  /** Asks for a token. It comes when it comes; a person may sign in meanwhile. */
  ask(): void {
    window.parent.postMessage({ type: WANTED }, '*');
  }

  /** Calls `listener` with each token that is handed in, from now on. */
  onToken(listener: (token: string) => void): void {
    window.addEventListener('message', ({ source, origin, data }: MessageEvent<unknown>) => {
      if (source !== window.parent || !this.#origins.includes(origin)) return;
      const { type, token } = (data ?? {}) as { type?: unknown; token?: unknown };
      if (type === GIVEN && typeof token === 'string') listener(token);
    });
  }
}
