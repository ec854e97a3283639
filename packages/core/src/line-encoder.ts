import type { SourceLabels, SourceLine } from './log-source.ts';
import { recogniseLevel } from './level.ts';

/** Anything but what JSON takes as it is: quotes, backslashes, control characters; surrogates, lone ones being escaped. */
const SPECIAL = /[^ !#-[\]-\ud7ff\ue000-\uffff]/;

/** A JSON string. For lines of 150 bytes with nothing to escape, looking first is three times as fast as stringify. */
function quote(text: string): string {
  return SPECIAL.test(text) ? JSON.stringify(text) : `"${text}"`;
}

/**
 * The hot path's encoder: the same JSON as encodeEntry makes, but what all lines of a source share is encoded once. Lines
 * come framed: valid UTF-8, cut, their times in UTC.
 */
export class LineEncoder {
  readonly #tails: Record<'stdout' | 'stderr' | 'unknown', string>;

  constructor(labels: SourceLabels) {
    const tail = (stream?: string) => {
      const { podName, container, restart } = labels;
      const shared = JSON.stringify({ stream, podName, container, restart }).slice(1);
      return shared === '}' ? shared : `,${shared}`;
    };
    this.#tails = { stdout: tail('stdout'), stderr: tail('stderr'), unknown: tail() };
  }

  encode(lines: readonly SourceLine[], stream?: 'stdout' | 'stderr', step?: number): string[] {
    const shared = this.#tails[stream ?? 'unknown'];
    const tail = step === undefined ? shared : `,"step":${step}${shared}`;
    return lines.map(({ timestamp, message, truncated }) => {
      const level = recogniseLevel(message);
      const head = `{"timestamp":"${timestamp}","message":${quote(message)}`;
      const leveled = level === undefined ? head : `${head},"level":"${level}"`;
      return truncated ? `${leveled},"truncated":${truncated}${tail}` : leveled + tail;
    });
  }
}
