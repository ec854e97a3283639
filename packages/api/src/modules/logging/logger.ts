import type { LoggerService } from '@nestjs/common';
import { pino } from 'pino';
import type { DestinationStream, Logger } from 'pino';

/** Injection token of the process's {@link Logger}. */
export const LOGGER = Symbol('Logger');

const LEVELS: Readonly<Record<number, string>> = { 30: 'info', 40: 'warn', 50: 'error', 60: 'fatal' };

/** The server's own log: lines for people in the embedded default, JSON elsewhere; always on stderr, never a secret. */
export function createLogger(human: boolean, out: NodeJS.WritableStream = process.stderr): Logger {
  const plain: DestinationStream = { write: (line) => void out.write(human ? readable(line) : line) };
  return pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime }, plain);
}

/** One line for people: time, level, message, and what else there is. */
function readable(line: string): string {
  const { time, level, msg, err, ...rest } = JSON.parse(line) as Record<string, unknown>;
  const more = Object.entries(rest).map(
    ([name, value]) => ` ${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const cause = err === undefined ? '' : `: ${causeOf(err)}`;
  return `${String(time).slice(11, 19)} ${LEVELS[Number(level)] ?? 'info'} ${String(msg)}${cause}${more.join('')}\n`;
}

function causeOf(error: unknown): string {
  const { message, stack, code } = error as { message?: string; stack?: string; code?: string };
  // An error of ours says what is the matter; of any other one needs to know where it came from.
  return (typeof code === 'string' ? message : (stack ?? message)) ?? 'unknown';
}

/** What NestJS itself says: its faults only. */
export function nestLogger(logger: Logger): LoggerService {
  const words = (parts: unknown[]) => parts.map((part) => (typeof part === 'string' ? part : String(part))).join(' ');
  return {
    log: () => undefined,
    debug: () => undefined,
    verbose: () => undefined,
    warn: (...parts: unknown[]) => logger.warn(words(parts)),
    error: (...parts: unknown[]) => {
      // Why it could not listen is thrown, too, and told by whoever started it.
      if (parts.at(-1) !== 'NestApplication') logger.error(words(parts));
    },
    fatal: (...parts: unknown[]) => logger.fatal(words(parts)),
  };
}
