import type { World } from './environment.ts';
import { EXIT, Stopped } from './exit.ts';

/** Longest secret that is read, in characters. */
const LONGEST = 64 * 1024;

/** Reads a secret from the terminal without showing it, or all of stdin where that is a pipe or a file. */
export async function readSecret(question: string, { stdin, stderr, signal }: World): Promise<string> {
  if (!stdin.isTTY) return readAll(stdin);
  stderr.write(question);
  stdin.setRawMode(true);
  stdin.setEncoding('utf8');
  try {
    return await typed(stdin, signal);
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    stderr.write('\n');
  }
}

async function readAll(stdin: NodeJS.ReadStream): Promise<string> {
  let text = '';
  for await (const chunk of stdin.setEncoding('utf8')) {
    text += chunk as string;
    if (text.length > LONGEST) break;
  }
  return text;
}

/** In raw mode the terminal does nothing by itself: line end, erasing and Ctrl-C are ours. */
function typed(stdin: NodeJS.ReadStream, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    let secret = '';
    const stop = (): void => {
      stdin.removeListener('data', onData);
      signal.removeEventListener('abort', onAbort);
    };
    const onAbort = (): void => {
      stop();
      reject(signal.reason as Error);
    };
    const onData = (chunk: string): void => {
      for (const key of chunk) {
        if (key === '\x03') {
          stop();
          return reject(new Stopped(EXIT.interrupted));
        }
        if (key === '\r' || key === '\n' || key === '\x04') {
          stop();
          return resolve(secret);
        }
        if (key === '\x7f' || key === '\b') secret = secret.slice(0, -1);
        else if (key === '\x15') secret = '';
        else if (key >= ' ') secret += key;
      }
    };
    stdin.on('data', onData);
    signal.addEventListener('abort', onAbort, { once: true });
    stdin.resume();
  });
}
