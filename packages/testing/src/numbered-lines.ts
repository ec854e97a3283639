/**
 * Lines that prove where they come from: `seq|nanoseconds|checksum`. The checksum covers both numbers and the writer's
 * name, in arithmetic that stays below 2^53, so that an awk (busybox's too) computes the same as we do:
 *
 *     checksum = (seq * 7919 + seconds * 104729 + nanosecondsOfTheSecond * 31 + writer) mod 999999937
 *
 * where `writer` is {@link writerNumber} of the name. The modulus is a prime above every factor, so a change of one of
 * the numbers always shows; and since the writer's number is a plain summand, a line alone tells who wrote it.
 */
const MODULUS = 999_999_937;
const SEQ_FACTOR = 7_919;
const SECONDS_FACTOR = 104_729;
const NANOSECONDS_FACTOR = 31;
const SECOND = 1_000_000_000;

/** What one numbered line says, its writer still a number. */
export interface NumberedLine {
  readonly seq: number;
  /** When it was written: whole seconds since 1970, and what is left in nanoseconds. */
  readonly seconds: number;
  readonly nanoseconds: number;
  /** {@link writerNumber} of whoever wrote it, if nothing was changed on the way. */
  readonly writer: number;
}

/** How {@link numberedLines} and {@link numberedLinesScript} write. */
export interface NumberedLinesOptions {
  /** Number of the first line; default 1. */
  readonly from?: number;
}

/** A writer's name as the checksum sees it; names are printable ASCII. */
export function writerNumber(name: string): number {
  let number = 0;
  for (let at = 0; at < name.length; at++) number = (number * 31 + name.charCodeAt(at)) % MODULUS;
  return number;
}

/** Line `seq` of `writer`, without a line feed. The time is whole seconds since 1970 and nanoseconds of that second. */
export function numberedLine(seq: number, writer: number, seconds: number, nanoseconds: number): string {
  const checksum = (unsigned(seq, seconds, nanoseconds) + writer) % MODULUS;
  return `${seq}|${seconds}${String(nanoseconds).padStart(9, '0')}|${checksum}`;
}

/** `count` lines of one writer, from 1 on, without line feeds; each a nanosecond after the one before. */
export function* numberedLines(
  count: number,
  writer: string,
  { from = 1 }: NumberedLinesOptions = {},
): Generator<string> {
  const number = writerNumber(writer);
  const seconds = Math.floor(Date.now() / 1_000);
  for (let seq = from; seq < from + count; seq++) yield numberedLine(seq, number, seconds, seq % SECOND);
}

/** Reads a line back; undefined where it is not of the form. */
export function parseNumberedLine(line: string): NumberedLine | undefined {
  const first = line.indexOf('|');
  const second = line.indexOf('|', first + 1);
  if (first < 1 || second < 0) return undefined;
  const seq = digits(line, 0, first);
  const seconds = digits(line, first + 1, second - 9);
  const nanoseconds = digits(line, second - 9, second, true);
  const checksum = digits(line, second + 1, line.length);
  if (seq < 0 || seconds < 0 || nanoseconds < 0 || checksum < 0 || checksum >= MODULUS) return undefined;
  const writer = (checksum - unsigned(seq, seconds, nanoseconds) + MODULUS) % MODULUS;
  return { seq, seconds, nanoseconds, writer };
}

/** The part of the checksum that is the same for all writers. */
function unsigned(seq: number, seconds: number, nanoseconds: number): number {
  return (seq * SEQ_FACTOR + seconds * SECONDS_FACTOR + nanoseconds * NANOSECONDS_FACTOR) % MODULUS;
}

/** The number in plain digits, or -1: no sign, no leading zeros unless it is padded, at most 12 digits. */
function digits(text: string, from: number, to: number, padded = false): number {
  if (to <= from || to - from > 12) return -1;
  let number = 0;
  for (let at = from; at < to; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return -1;
    number = number * 10 + digit;
  }
  return !padded && to - from > 1 && text.charCodeAt(from) === 48 ? -1 : number;
}

/** How the awk writer is set up, beside how many lines it writes. */
export interface NumberedLinesScript extends NumberedLinesOptions {
  /** The writer's name as the shell sees it; default `$HOSTNAME`, in a pod its name. */
  readonly writer?: string;
  /** Pause for a second after so many lines; absent: as fast as it can. */
  readonly perSecond?: number;
}

/**
 * A shell command that writes the lines of {@link numberedLines} with awk: any sh and any awk will do, busybox's and
 * mawk's are tested. It buffers like any program whose output is no terminal, and writes out at each pause.
 */
export function numberedLinesScript(count: number, options: NumberedLinesScript = {}): string {
  const { from = 1, writer = '$HOSTNAME', perSecond = 0 } = options;
  const variables = `-v writer="${writer}" -v from=${from} -v count=${count} -v persecond=${perSecond} -v now="$(date +%s)"`;
  return `awk ${variables} '${AWK}'`;
}

/** Without single quotes, so that it fits between them. */
const AWK = `BEGIN {
  for (i = 32; i < 127; i++) code[sprintf("%c", i)] = i
  for (i = 1; i <= length(writer); i++) w = (w * 31 + code[substr(writer, i, 1)]) % ${MODULUS}
  w += now * ${SECONDS_FACTOR}
  for (seq = from; seq < from + count; seq++) {
    ns = seq % ${SECOND}
    printf "%d|%s%09d|%d\\n", seq, now, ns, (seq * ${SEQ_FACTOR} + ns * ${NANOSECONDS_FACTOR} + w) % ${MODULUS}
    if (persecond > 0 && (seq - from + 1) % persecond == 0) { fflush(); system("sleep 1") }
  }
}`;
