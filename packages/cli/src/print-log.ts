import { HttpApi } from '@kubidu/client/http';
import type { Outcome } from '@kubidu/contracts';

import { askedQuery } from './asked-query.ts';
import { BuildWatch } from './build-watch.ts';
import type { LogsFlags } from './logs-flags.ts';
import type { World } from './environment.ts';
import { EXIT, Stopped } from './exit.ts';
import { follow } from './follow.ts';
import type { Reading } from './follow.ts';
import { useColours } from './output/colours.ts';
import { formatOf } from './output/formats.ts';
import { Notices } from './output/notices.ts';
import { Output, ReaderGone } from './output/output.ts';
import { ReaderWatch } from './output/reader-watch.ts';
import { StatusLine } from './output/status-line.ts';
import { printPast } from './past.ts';
import { printedPath } from './paths.ts';
import { Printed } from './printed.ts';
import { Printer } from './printer.ts';
import { matcher } from './selection.ts';
import type { Selection } from './selection.ts';
import type { Settings } from './settings.ts';
import type { Target } from './target.ts';

/** Lines of a service shown when nothing else says how many; a build is wanted whole. */
const LINES = 100;

/** Prints a target's log as the flags say, and in the end what is to be said of it. Returns the exit code. */
export async function printLog(target: Target, flags: LogsFlags, settings: Settings, world: World): Promise<number> {
  const status = new StatusLine(world.stderr);
  const notices = new Notices(world.stderr, status);
  const output = new Output(world.stdout, world.signal, status);
  const printed = new Printed(printedPath(world.env, settings.server, target.stream));
  const build = target.stream.startsWith('build:') ? new BuildWatch(Date.now()) : undefined;
  const reading = await readingOf(target, flags, settings, world, { output, notices, status, printed, build });
  const watch = flags.follow === true ? new ReaderWatch(1, () => output.readerGone()) : undefined;
  if (flags.follow === true && build) status.show(() => build.progress(Date.now()));
  let lastIndex: number | undefined;
  let outcome: Outcome | undefined;
  let end: Error | undefined;
  try {
    if (flags.follow === true) outcome = await follow(reading);
    else lastIndex = (await printPast(reading)).lastIndex;
    await output.flush();
  } catch (error) {
    end = error as Error;
  } finally {
    watch?.close();
    status.close();
    printed.save(lastIndex);
  }
  if (flags.sinceLast === true && printed.failure !== undefined) {
    notices.say(`could not write down what was printed: ${printed.failure.message}`);
  }
  if (end instanceof ReaderGone) return EXIT.done;
  if (outcome) build?.end(outcome);
  if (build) tellBuild(build, flags, notices);
  else if (outcome) notices.say(`the log ended: ${outcome.status}`);
  return ended(end, outcome, flags, reading.printer, notices);
}

interface Means {
  readonly output: Output;
  readonly notices: Notices;
  readonly status: StatusLine;
  readonly printed: Printed;
  readonly build: BuildWatch | undefined;
}

async function readingOf(
  target: Target,
  flags: LogsFlags,
  settings: Settings,
  world: World,
  means: Means,
): Promise<Reading> {
  const { output, notices, status, printed, build } = means;
  const selection = await selectionOf(flags, printed, build !== undefined);
  const terminal = world.stdout.isTTY === true;
  // On one terminal with the lines, what is told at the end of a build says it again.
  const twice = terminal && world.stderr.isTTY === true;
  const colours = useColours(flags.color, terminal, world.env);
  const format = formatOf({ ...flags, terminal, colours, build: build && { finish: !twice } });
  const printer = new Printer({
    format,
    output,
    notices,
    printed,
    matches: matcher(selection),
    tellLosses: !format.system || !twice,
    observe: build && ((entries) => build.entries(entries)),
  });
  const api = new HttpApi({ url: settings.server, token: settings.token });
  return { api, settings, target, selection, printer, format, notices, status, signal: output.signal };
}

/** Failed steps once more, where text is read by people, and how the build ended. */
function tellBuild(build: BuildWatch, { output }: LogsFlags, notices: Notices): void {
  const result = build.result();
  if (result === undefined) return;
  const recap = build.recap();
  if (output === 'text' && recap !== '') notices.plain(recap);
  notices.say(result);
}

/** What the command says in the end, and its exit code. */
function ended(
  end: Error | undefined,
  outcome: Outcome | undefined,
  flags: LogsFlags,
  { completeness }: Printer,
  notices: Notices,
): number {
  if (flags.check === true) notices.plain(completeness.report());
  if (end !== undefined && !(end instanceof Stopped)) throw end;
  if (end instanceof Stopped) return flags.check === true && !completeness.complete ? EXIT.hole : end.exitCode;
  if (outcome !== undefined && outcome.status !== 'succeeded') return EXIT.failed;
  return flags.check === true && !completeness.complete ? EXIT.hole : EXIT.done;
}

async function selectionOf(flags: LogsFlags, printed: Printed, build: boolean): Promise<Selection> {
  const query = await askedQuery(flags);
  const last = flags.sinceLast === true && printed.before > 0 ? printed.before : undefined;
  const afterIndex = flags.sinceIndex ?? last;
  const bounded = flags.since !== undefined || afterIndex !== undefined;
  const lines = flags.lines ?? (bounded || build ? 'all' : LINES);
  return {
    lines: lines === 'all' ? undefined : lines,
    afterIndex,
    sinceMs: flags.since,
    untilMs: flags.until,
    pods: new Set(flags.pod),
    containers: new Set(flags.container),
    // Whether a line is missing cannot be seen where lines are left out: then they are asked here.
    ...(flags.check === true ? { local: query } : { query: query?.text }),
    system: flags.output !== 'raw',
  };
}
