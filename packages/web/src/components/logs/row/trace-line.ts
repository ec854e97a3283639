/** What a line is to a stack trace. */
export type TraceLine =
  /** Begins one by itself: `Traceback (most recent call last):`, `panic: …`, `goroutine 1 [running]:`. */
  | 'python'
  | 'go'
  /** One call of many, as Java, .NET, Node and Ruby write it. The line before the first of them says what happened. */
  | 'frame'
  /** Goes on with one, but means nothing by itself: `Caused by: …`, `... 12 more`. */
  | 'joint'
  | 'blank'
  /** Begins with a space. */
  | 'indented'
  | 'other';

const FRAME =
  /^\s+(?:at |from )\S|^\s*(?:from )?[^\s:]+\.rb:\d+:in |^\s+\.\.\. \d+ (?:more|common frames omitted|levels\.{3})|^ {4}\.{3} \d+ lines? matching /;
const JOINT =
  /^\s*(?:Caused by|Suppressed): |^\s*---> |^\s*--- End of |^\s*\.{3} \d+ (?:more|common frames omitted)|^\s*\[CIRCULAR REFERENCE|^\s*\[(?:cause|errors)\]: /;
const PYTHON = /^\s*(?:\+ )?(?:Exception Group )?Traceback \(most recent call last\):/;
const GO = /^(?:panic: |fatal error: |goroutine \d+ (?:gp=\S+ .*)?\[)/;

/** What a line without colours is to a stack trace. Time is linear in its length, and it is short work for most. */
export function traceLine(text: string): TraceLine {
  if (text.trim() === '') return 'blank';
  if (PYTHON.test(text)) return 'python';
  if (GO.test(text)) return 'go';
  if (FRAME.test(text)) return 'frame';
  if (JOINT.test(text)) return 'joint';
  return /^\s/.test(text) ? 'indented' : 'other';
}

/** Between two traces of Python of which one led to the other. */
const PYTHON_JOINT = /^(?:During handling of the above exception|The above exception was the direct cause)/;
/** Its last line: the exception. */
const PYTHON_END = /^[A-Za-z_][\w.]*(?:: |:?$)/;
/** `main.main()`, `created by main.start in goroutine 1`, `[signal SIGSEGV: …]`, `exit status 2`. */
const GO_LINE =
  /^(?:[\w./*()[\]{}·$-]+\(.*\)$|created by |\[signal |exit status \d|runtime stack:$|r\w+ +0x[0-9a-f]+$)/;

export function isPythonJoint(text: string): boolean {
  return PYTHON_JOINT.test(text);
}

export function isPythonEnd(text: string): boolean {
  return PYTHON_END.test(text);
}

export function isGoLine(text: string): boolean {
  return GO_LINE.test(text);
}
