import type { Level } from '@kubidu/contracts';

const NAMES: ReadonlyMap<string, Level> = new Map([
  ['trace', 'TRACE'],
  ['trc', 'TRACE'],
  ['verbose', 'TRACE'],
  ['debug', 'DEBUG'],
  ['dbg', 'DEBUG'],
  ['info', 'INFO'],
  ['inf', 'INFO'],
  ['information', 'INFO'],
  ['notice', 'INFO'],
  ['warn', 'WARN'],
  ['warning', 'WARN'],
  ['wrn', 'WARN'],
  ['error', 'ERROR'],
  ['err', 'ERROR'],
  ['severe', 'ERROR'],
  ['fatal', 'FATAL'],
  ['ftl', 'FATAL'],
  ['critical', 'FATAL'],
  ['crit', 'FATAL'],
  ['panic', 'FATAL'],
  ['pnc', 'FATAL'],
  ['alert', 'FATAL'],
  ['emerg', 'FATAL'],
  ['emergency', 'FATAL'],
]);
const ANY_NAME = [...NAMES.keys()].join('|').toUpperCase();
const ESCAPE = String.fromCharCode(27);

/** klog: https://github.com/kubernetes/klog, `Lmmdd hh:mm:ss.uuuuuu`. */
const KLOG = /^[IWEF]\d{4} \d\d:\d\d:\d\d/;
const KLOG_LEVELS: ReadonlyMap<string, Level> = new Map([
  ['I', 'INFO'],
  ['W', 'WARN'],
  ['E', 'ERROR'],
  ['F', 'FATAL'],
]);
/** RFC 5424, 6.2.1: a priority is at most 191, its lower three bits are the severity. */
const SYSLOG = /^<(\d{1,2}|1[0-8]\d|19[01])>/;
const SYSLOG_LEVELS: readonly Level[] = ['FATAL', 'FATAL', 'FATAL', 'ERROR', 'WARN', 'INFO', 'INFO', 'DEBUG'];
const JSON_LEVEL =
  /"(?:level|lvl|severity|loglevel|log\.level|levelname|severitytext|severity_text|@level|@l)"\s*:\s*(?:"([a-z]{3,11})"|(-?\d{1,2})(?=[\s,}]))/gi;
const LOGFMT_KEY = /(?:^|\s)(?:level|lvl|severity)$/i;
const LOGFMT_VALUE = /(?:"([a-z]{3,11})"|([a-z]{3,11}))(?=\s|$)/iy;
/** A name in capitals that stands alone or in brackets: `ERROR:`, `12:00PM INF`, `[WRN]`, `app.ERROR:`, coloured too. */
const CAPITALS = new RegExp(
  `(${ANY_NAME})(?=[\\s:|,\\])>/${ESCAPE}]|$)(?<=(?:^|[\\s|\\][(<]|${ESCAPE}\\[[\\d;]{0,16}m|[a-z]\\.(?=[A-Z]+:))\\1)`,
);
/** Whatever one word is in brackets: whether it is a name, and stands where a level may, is looked up. */
const BRACKETED = /[[(<]\s{0,2}([A-Za-z]{3,11})\s{0,8}[\])>]/g;
const BEFORE_BRACKET = new RegExp(`(?:^|[\\s|\\])>:]|${ESCAPE}\\[[\\d;]{0,16}m)$`);

/** How far into a line a level's name is looked for, and how far its field. */
const NEAR = 96;
const FAR = 2_048;

/**
 * The level a line gives itself: JSON (names, and the numbers of pino, bunyan and zerolog), logfmt, klog, syslog
 * priorities, and a level's name in brackets or capitals near the beginning. Undefined where none is recognised: a level
 * is never guessed from the words of a sentence. Looks at a bounded part of the line.
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
    case 70 /* F */:
      if (KLOG.test(message)) return KLOG_LEVELS.get(message.charAt(0));
  }
  return ofLogfmt(message) ?? ofWord(message);
}

/** Of a field of the object itself: what lies deeper speaks of something else. */
function ofJson(message: string): Level | undefined {
  const head = message.length > FAR ? message.slice(0, FAR) : message;
  const place = { at: 0, depth: 0 };
  JSON_LEVEL.lastIndex = 0;
  for (let found = JSON_LEVEL.exec(head); found; found = JSON_LEVEL.exec(head)) {
    const level = found[1] === undefined ? ofNumber(Number(found[2])) : NAMES.get(found[1].toLowerCase());
    if (level !== undefined && isOutermost(head, found.index, place)) return level;
  }
  return undefined;
}

/** Whether a key at `index` is one of the outermost object; `place` is how far that object was walked before. */
function isOutermost(json: string, index: number, place: { at: number; depth: number }): boolean {
  if (json.lastIndexOf('{', index) === 0) return true;
  for (; place.at < index; place.at++) {
    const character = json.charCodeAt(place.at);
    if (character === 123 /* { */) place.depth++;
    else if (character === 125 /* } */) place.depth--;
    else if (character === 34 /* " */) place.at = endOfString(json, place.at);
  }
  return place.depth === 1;
}

/** Where the string that opens at `start` closes. */
function endOfString(json: string, start: number): number {
  for (let at = start + 1; at < json.length; at++) {
    const character = json.charCodeAt(at);
    if (character === 34 /* " */) return at;
    if (character === 92 /* \ */) at++;
  }
  return json.length;
}

/**
 * Of pino and bunyan, 10 trace, 20 debug … 60 fatal (https://getpino.io/#/docs/api?id=loggerlevels-object), and of
 * zerolog, -1 trace, 0 debug … 5 panic (https://pkg.go.dev/github.com/rs/zerolog#Level).
 */
function ofNumber(number: number): Level | undefined {
  if (number >= 10 && number < 70) return BY_NUMBER[Math.floor(number / 10) - 1];
  return number >= -1 && number <= 5 ? BY_NUMBER[Math.min(number + 1, 5)] : undefined;
}
const BY_NUMBER: readonly Level[] = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];

function ofLogfmt(message: string): Level | undefined {
  let equals = message.indexOf('=');
  if (equals < 0) return undefined;
  const head = message.length > FAR ? message.slice(0, FAR) : message;
  let from = 0;
  let quoted = false;
  for (; equals >= 0; equals = head.indexOf('=', equals + 1)) {
    const before = head.charCodeAt(equals - 1) | 0x20;
    if (before !== 108 /* l */ && before !== 121 /* y */) continue;
    if (!LOGFMT_KEY.test(head.slice(Math.max(0, equals - 9), equals))) continue;
    for (; from < equals; from++) {
      const character = head.charCodeAt(from);
      if (character === 34 /* " */) quoted = !quoted;
      else if (quoted && character === 92 /* \ */) from++;
    }
    if (quoted) continue; // a sentence inside another field
    LOGFMT_VALUE.lastIndex = equals + 1;
    const value = LOGFMT_VALUE.exec(head);
    const level = NAMES.get((value?.[1] ?? value?.[2] ?? '').toLowerCase());
    if (level !== undefined) return level;
  }
  return undefined;
}

function ofWord(message: string): Level | undefined {
  const head = message.length > NEAR ? message.slice(0, NEAR) : message;
  let capitals = CAPITALS.exec(head);
  // Cut in the middle of what may be a longer word.
  if (capitals && capitals.index + capitals[0].length === NEAR && message.length > NEAR) capitals = null;
  const until = capitals?.index ?? head.length;
  BRACKETED.lastIndex = 0;
  for (let found = BRACKETED.exec(head); found && found.index < until; found = BRACKETED.exec(head)) {
    const level = NAMES.get((found[1] ?? '').toLowerCase());
    if (level !== undefined && BEFORE_BRACKET.test(head.slice(Math.max(0, found.index - 24), found.index)))
      return level;
  }
  return NAMES.get((capitals?.[1] ?? '').toLowerCase());
}
