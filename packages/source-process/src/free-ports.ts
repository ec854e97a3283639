import { once } from 'node:events';
import { createServer } from 'node:net';

/** Like foreman and Heroku's CLI. */
const FIRST_PORT = 5_000;
const LAST_PORT = 65_535;

/** `count` ports on which nobody listens now, ascending from 5000: the same ones at the next start, if they still are free. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  for (let port = FIRST_PORT; ports.length < count && port <= LAST_PORT; port++)
    if (await isFree(port)) ports.push(port);
  return ports;
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    // Without a host: an application may listen on all addresses.
    server.listen(port);
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
    return true;
  } catch {
    return false;
  }
}
