import type { Level } from '@kubidu/contracts';

const NAMES: Readonly<Record<string, Level>> = {
  trace: 'TRACE',
  trc: 'TRACE',
  verbose: 'TRACE',
  debug: 'DEBUG',
  dbg: 'DEBUG',
  info: 'INFO',
  inf: 'INFO',
  information: 'INFO',
  notice: 'INFO',
  warn: 'WARN',
  warning: 'WARN',
  wrn: 'WARN',
  error: 'ERROR',
  err: 'ERROR',
  fatal: 'FATAL',
  ftl: 'FATAL',
  critical: 'FATAL',
  crit: 'FATAL',
  panic: 'FATAL',
  pnc: 'FATAL',
  alert: 'FATAL',
  emerg: 'FATAL',
  emergency: 'FATAL',
};

/** klog: https://github.com/kubernetes/klog, `Lmmdd hh:mm:ss.uuuuuu`. */
const KLOG = /^([IWEF])\d{4} \d\d:\d\d:\d\d/;
const KLOG_LEVELS: Readonly<Record<string, Level>> = { I: 'INFO', W: 'WARN', E: 'ERROR', F: 'FATAL' };
/** RFC 5424, 6.2.1: the lower three bits of the priority are the severity. */
const SYSLOG = /^<(\d{1,3})>/;
const SYSLOG_LEVELS: readonly Level[] = ['FATAL', 'FATAL', 'FATAL', 'ERROR', 'WARN', 'INFO', 'INFO', 'DEBUG'];
const JSON_LEVEL = /"(?:level|lvl|severity|loglevel|log\.level|levelname)"\s*:\s*(?:"([A-Za-z]{3,11})"|(\d{1,2})\b)/;
const LOGFMT = /(?:^|\s)(?:level|lvl|severity)=(?:"([A-Za-z]{3,11})"|([A-Za-z]{3,11}))(?=\s|$)/;
/** A word in capitals, or in brackets in any case, near the beginning: `[warn]`, `ERROR:`, `12:00PM INF`. */
const WORD =
  /(?:^|[\s|\]m])(?:[[(<]\s*(trace|debug|info|notice|warn|warning|error|err|fatal|critical|crit|panic|alert|emerg)\s*[\])>]|(TRACE|TRC|DEBUG|DBG|INFO|INF|NOTICE|WARN|WARNING|WRN|ERROR|ERR|FATAL|FTL|CRITICAL|CRIT|PANIC|PNC)(?=[\s:|\]\x1b]|$))/i;

/** How far into a line a level is looked for. */
const NEAR = 96;
const FAR = 2_048;

/**
 * The level a line gives itself: JSON (names, and the numbers of pino and bunyan), logfmt, klog, syslog priorities, and
 * a level's name near the beginning. Undefined where none is recognised: a level is never guessed from the words of a
 * sentence.
 */
export function recogniseLevel(message: string): Level | undefined {
  switch (message.charCodeAt(0)) {
    case 123 /* { */:
      return ofJson(message);
    case 60 /* < */: {
      const priority = SYSLOG.exec(message)?.[1];
      if (priority !== undefined) return SYSLOG_LEVELS[Number(priority) & 7];
      break;
    }
    case 73 /* I */:
    case 87 /* W */:
    case 69 /* E */:
    case 70 /* F */: {
      const letter = KLOG.exec(message)?.[1];
      if (letter !== undefined) return KLOG_LEVELS[letter];
    }
  }
  return ofLogfmt(message) ?? ofWord(message);
}

function ofJson(message: string): Level | undefined {
  const found = JSON_LEVEL.exec(message.length > FAR ? message.slice(0, FAR) : message);
  if (!found) return undefined;
  if (found[1] !== undefined) return NAMES[found[1].toLowerCase()];
  // https://getpino.io/#/docs/api?id=loggerlevels-object: 10 trace, 20 debug … 60 fatal.
  const number = Number(found[2]);
  if (number < 10 || number > 69) return undefined;
  return (['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'] as const)[Math.floor(number / 10) - 1];
}

function ofLogfmt(message: string): Level | undefined {
  const head = message.length > FAR ? message.slice(0, FAR) : message;
  if (!head.includes('level=') && !head.includes('lvl=') && !head.includes('severity=')) return undefined;
  const found = LOGFMT.exec(head);
  return NAMES[(found?.[1] ?? found?.[2] ?? '').toLowerCase()];
}

function ofWord(message: string): Level | undefined {
  const found = WORD.exec(message.length > NEAR ? message.slice(0, NEAR) : message);
  if (found?.[1] !== undefined) return NAMES[found[1].toLowerCase()];
  const word = found?.[2];
  return word !== undefined && word === word.toUpperCase() ? NAMES[word.toLowerCase()] : undefined;
}
