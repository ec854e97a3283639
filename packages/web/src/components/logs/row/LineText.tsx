import type { TextRange } from '@kubidu/query/lazy';

import { appearance } from './appearance.ts';
import { segments } from './segments.ts';
import type { Segment } from './segments.ts';
import type { StyledText } from './styled-text.ts';

export interface LineTextProps {
  readonly line: StyledText;
  /** What the query looked for, as `highlights` gives it. */
  readonly marks?: readonly TextRange[] | undefined;
}

const NONE: readonly TextRange[] = [];

/** The text of a line, as text: colours are classes, matches are marked, hidden characters are named. */
export function LineText({ line, marks = NONE }: LineTextProps) {
  const pieces = segments(line, marks);
  return pieces ? pieces.map(drawn) : line.text;
}

function drawn({ from, text, style, marked, hidden }: Segment) {
  const looks = style && appearance(style);
  if (hidden) {
    return (
      <span
        key={from}
        className="log-hidden"
        role="img"
        aria-label={`${hidden.name}, ${hidden.code}`}
        title={hidden.name}
      >
        {/* Its code is drawn by the style sheet: who copies the line does not copy it. */}
        <span aria-hidden="true" data-code={hidden.code} />
      </span>
    );
  }
  if (marked) {
    return (
      <mark key={from} className={style?.bold ? 'log-mark ansi-bold' : 'log-mark'}>
        {text}
      </mark>
    );
  }
  if (!looks) return text;
  return (
    <span key={from} className={looks.className} style={looks.style}>
      {text}
    </span>
  );
}
