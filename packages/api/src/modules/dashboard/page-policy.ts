/**
 * What the dashboard's pages may do (Content-Security-Policy): run and draw what this server has, talk to this server,
 * and nothing else. No inline script or style, so that no line of a log can become either.
 * @param frameAncestors origins whose pages may show them in a frame
 */
export function pagePolicy(frameAncestors: readonly string[]): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "font-src 'self'",
    "worker-src 'self'",
    // Includes ws: and wss: of the same host: https://www.w3.org/TR/CSP3/#match-url-to-source-expression
    "connect-src 'self'",
    "form-action 'none'",
    "base-uri 'none'",
    `frame-ancestors ${frameAncestors.join(' ') || "'none'"}`,
  ].join('; ');
}
