/**
 * A token, or a function that gives the current one. The function is asked before every connection attempt and every
 * request, so it may renew the token; undefined means: without a token. When the server has just refused a connection for
 * its token, it is told which one that was: a connection to which it gives the same one again is over for good.
 */
export type Token = string | ((refused?: string) => string | undefined | Promise<string | undefined>);

/** The token to use now, or after one was `refused`; rejects with what the function threw. */
export async function currentToken(token: Token | undefined, refused?: string): Promise<string | undefined> {
  const value = typeof token === 'function' ? await token(refused) : token;
  return value === '' ? undefined : value;
}
