// A small web app that logs each request, some as JSON and some as plain text, and makes itself a little traffic.
import { createServer, get } from 'node:http';

const port = Number(process.env.PORT ?? 8080);
const paths = ['/', '/health', '/products', '/products/17', '/cart', '/checkout', '/favicon.ico'];
let requests = 0;

/** @param {string} level @param {string} message @param {object} fields */
function log(level, message, fields = {}) {
  const line = JSON.stringify({ level, time: new Date().toISOString(), message, ...fields });
  if (level === 'error') console.error(line);
  else console.log(line);
}

const server = createServer((request, response) => {
  const started = performance.now();
  requests++;
  const status = request.url === '/checkout' && requests % 9 === 0 ? 500 : request.url === '/favicon.ico' ? 404 : 200;
  response.writeHead(status, { 'content-type': 'text/plain' }).end(`request ${requests}\n`, () => {
    const durationMs = Number((performance.now() - started).toFixed(2));
    const level = status >= 500 ? 'error' : status >= 400 ? 'warn' : 'info';
    if (request.url === '/health') console.log(`[DEBUG] healthy after ${requests} requests`);
    else log(level, `${request.method} ${request.url} ${status}`, { status, durationMs, requestId: `r-${requests}` });
  });
});

server.listen(port, '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${port}`);
  visit();
});

/** One visitor, who comes back after a moment. */
function visit() {
  const path = paths[Math.floor(Math.random() * paths.length)];
  get({ port, host: '127.0.0.1', path, agent: false }, (response) => response.resume()).on('error', (error) =>
    log('error', `a visitor was turned away: ${error.message}`),
  );
  visitor = setTimeout(visit, 300 + Math.random() * 1_200);
}

/** @type {NodeJS.Timeout | undefined} */
let visitor;

process.once('SIGTERM', () => {
  console.log('SIGTERM: finishing what is under way');
  clearTimeout(visitor);
  server.close();
  server.closeIdleConnections();
});
