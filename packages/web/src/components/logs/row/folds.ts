import type { LogEntry } from '@kubidu/contracts';
import { plainText } from '@kubidu/query/lazy';

import { isGoLine, isPythonEnd, isPythonJoint, traceLine } from './trace-line.ts';
import type { TraceLine } from './trace-line.ts';

/** A stack trace among entries: the line that stays, and those that fold under it. */
export interface Fold {
  /** Index of the line that says what happened. */
  readonly head: number;
  /** Index of the trace's last line. */
  readonly last: number;
  /** How many lines fold: those behind `head` up to `last`. At least two. */
  readonly lines: number;
}

/** Longest trace that is one fold, in lines; what goes on behind it is another, or none. */
const MOST_LINES = 1_000;

/** Only so much of a line is looked at, in UTF-16 units. */
const LOOKED_AT = 1_024;

/** In which language a trace goes on: what may follow depends on it. `ended`: the exception of Python's trace was named. */
type State = 'frames' | 'python' | 'ended' | 'go';

interface Open {
  readonly head: number;
  state: State;
  /** Place of its last line so far: blank lines behind it belong to it only if it goes on. */
  last: number;
}

/**
 * The stack traces among consecutive entries, ascending and apart: of Java, .NET, Node, Ruby, Python and Go. A trace is of
 * one container and one output; a line of another ends it. Looks at neighbours only and keeps nothing: asked again with
 * more entries, it says the same of those before, save for a trace that goes on.
 */
export function foldsAt(entries: readonly LogEntry[]): readonly Fold[] {
  const folds: Fold[] = [];
  let open: Open | undefined;
  const close = (): void => {
    if (open && open.last - open.head >= 2) {
      const [head, last] = [entries[open.head], entries[open.last]];
      if (head && last) folds.push({ head: head.index, last: last.index, lines: open.last - open.head });
    }
    open = undefined;
  };
  let before: LogEntry | undefined;
  for (const [at, entry] of entries.entries()) {
    const joined = before !== undefined && follows(before, entry);
    before = entry;
    if (!joined || (open && at - open.head > MOST_LINES)) close();
    const text = lookedAt(entry);
    const line = traceLine(text);
    const next = open && goesOn(open.state, line, text);
    if (open && next) {
      open.state = next;
      if (line !== 'blank') open.last = at;
      continue;
    }
    const previous = open?.last;
    close();
    if (line === 'python' || line === 'go') open = { head: at, state: line, last: at };
    else if (line === 'frame' && joined && previous !== at - 1) open = { head: at - 1, state: 'frames', last: at };
  }
  close();
  return folds;
}

/** Whether an entry stands right behind another of the same output. */
function follows(before: LogEntry, entry: LogEntry): boolean {
  return (
    entry.index === before.index + 1 &&
    entry.podName === before.podName &&
    entry.container === before.container &&
    entry.stream === before.stream &&
    entry.step === before.step &&
    entry.stream !== 'system'
  );
}

/** How a trace goes on with a line; undefined where the line is none of it. */
function goesOn(state: State, line: TraceLine, text: string): State | undefined {
  switch (state) {
    case 'frames':
      return line === 'frame' || line === 'joint' ? 'frames' : undefined;
    case 'python':
      if (line === 'indented' || line === 'frame' || line === 'python' || line === 'blank') return 'python';
      return isPythonEnd(text) ? 'ended' : undefined;
    case 'ended':
      if (line === 'blank') return 'ended';
      return line === 'python' || isPythonJoint(text) ? 'python' : undefined;
    case 'go':
      if (line === 'go' || line === 'blank' || text.startsWith('\t')) return 'go';
      return isGoLine(text) ? 'go' : undefined;
  }
}

function lookedAt({ message }: LogEntry): string {
  return plainText(message.length > LOOKED_AT ? message.slice(0, LOOKED_AT) : message).trimEnd();
}
