// Very many sockets that only count: what the kernel hands over is looked at just for its length and, at the very end,
// for the last entry's index. WebSocket's handshake by hand, so that a thousand readers cost less than the server.
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';

interface Request {
  readonly url: string;
  readonly stream: string;
  readonly sockets: number;
  readonly batch: boolean;
  readonly until: number;
}

const OPENING = 20;

process.once('message', (request: Request) => {
  const { port, hostname } = new URL(request.url);
  const lastEntry = Buffer.from(`{"index":${request.until},`);
  const wish = JSON.stringify({ stream: request.stream, lines: 0, batch: request.batch });
  let opened = 0;
  let ready = 0;
  let finished = 0;
  let closed = 0;
  let bytes = 0;

  const openNext = () => {
    if (opened++ >= request.sockets) return;
    const socket = connect(Number(port), hostname);
    let subscribed = false;
    socket.write(
      `GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: ${hostname}:${port}\r\nUpgrade: websocket\r\n` +
        `Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
    );
    socket.on('data', (chunk) => {
      bytes += chunk.length;
      if (subscribed) {
        // A ping is a frame of one byte, alone on an idle socket or somewhere in the stream: answering each 5 s will do.
        if (chunk.includes(lastEntry) && ++finished === request.sockets)
          process.send?.({ finished: { bytes, closed } });
        return;
      }
      const text = chunk.toString('latin1');
      if (text.includes('0{"sid"') && !text.includes('40/logs')) socket.write(masked('40/logs,'));
      if (text.includes('40/logs,{')) socket.write(masked(`42/logs,0["subscribe",${wish}]`));
      if (!text.includes('43/logs,0[')) return;
      subscribed = true;
      const pong = setInterval(() => socket.write(masked('3')), 5_000);
      socket.on('close', () => {
        clearInterval(pong);
        closed++;
      });
      if (++ready === request.sockets) process.send?.({ ready: true });
      else openNext();
    });
  };
  for (let at = 0; at < OPENING; at++) openNext();
});

/** A text frame as a client sends it (RFC 6455, 5.3), with a mask of zeros. */
function masked(text: string): Buffer {
  return Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);
}
