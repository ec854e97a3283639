/**
 * A token, or a function that gives the current one. The function is asked before every connection attempt and every
 * request, so it may renew the token; undefined means: without a token.
 */
export type Token = string | (() => string | undefined | Promise<string | undefined>);

/** The token to use now; rejects with what the function threw. */
export async function currentToken(token: Token | undefined): Promise<string | undefined> {
  const value = typeof token === 'function' ? await token() : token;
  return value === '' ? undefined : value;
}
