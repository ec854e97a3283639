const KEY = 'kubidu-token';

/**
 * Where a token is kept: in this tab, so that it lives through a reload and ends with the tab; on this device only where
 * one asked for it. A browser that keeps nothing costs one a sign-in at each reload, and nothing else.
 */
export class TokenStore {
  read(): string | undefined {
    return attempt(() => sessionStorage.getItem(KEY) ?? localStorage.getItem(KEY)) ?? undefined;
  }

  write(token: string, { keep }: { readonly keep: boolean }): void {
    attempt(() => sessionStorage.setItem(KEY, token));
    attempt(() => (keep ? localStorage.setItem(KEY, token) : localStorage.removeItem(KEY)));
  }

  clear(): void {
    attempt(() => sessionStorage.removeItem(KEY));
    attempt(() => localStorage.removeItem(KEY));
  }
}

/** Storage throws where a browser forbids it, as in some frames. */
function attempt<T>(access: () => T): T | undefined {
  try {
    return access();
  } catch {
    return undefined;
  }
}
