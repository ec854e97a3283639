import { HttpApi } from '@kubidu/client/http';
import type { StreamId } from '@kubidu/contracts';

import { askedQuery } from '../asked-query.ts';
import type { World } from '../environment.ts';
import { CliError, EXIT, Stopped } from '../exit.ts';
import { follow } from '../follow.ts';
import type { Reading } from '../follow.ts';
import { useColours } from '../output/colours.ts';
import type { ColourWhen } from '../output/colours.ts';
import type { OutputKind } from '../output/format.ts';
import { formatOf } from '../output/formats.ts';
import { Notices } from '../output/notices.ts';
import { Output, ReaderGone } from '../output/output.ts';
import { ReaderWatch } from '../output/reader-watch.ts';
import { printPast } from '../past.ts';
import { printedPath } from '../paths.ts';
import { Printed } from '../printed.ts';
import { Printer } from '../printer.ts';
import { matcher } from '../selection.ts';
import type { Selection } from '../selection.ts';
import { serviceName } from '../service-name.ts';
import type { ServerFlags, Settings } from '../settings.ts';

/** Lines shown when nothing else says how many. */
const LINES = 100;

/** The flags of `kubidu logs`, parsed. */
export interface LogsFlags extends ServerFlags {
  readonly follow?: boolean;
  readonly lines?: number | 'all';
  /** Epoch milliseconds. */
  readonly since?: number;
  readonly until?: number;
  readonly sinceIndex?: number;
  readonly sinceLast?: boolean;
  readonly grep?: string;
  readonly level?: string;
  readonly pod?: readonly string[];
  readonly container?: readonly string[];
  readonly output: OutputKind;
  readonly timestamps: boolean;
  readonly prefix: boolean;
  readonly color: ColourWhen;
  readonly check?: boolean;
}

/** Prints a service's log. Returns the exit code. */
export async function logs(
  argument: string | undefined,
  flags: LogsFlags,
  settings: Settings,
  world: World,
): Promise<number> {
  refuseContradictions(flags);
  const service = serviceName(argument, world.env, world.folder);
  const stream: StreamId = `runtime:${service}`;
  const printed = new Printed(printedPath(world.env, settings.server, stream));
  const output = new Output(world.stdout, world.signal);
  const notices = new Notices(world.stderr);
  const selection = await selectionOf(flags, printed);
  const terminal = world.stdout.isTTY === true;
  const format = formatOf({ ...flags, terminal, colours: useColours(flags.color, terminal, world.env) });
  const tellLosses = !format.system || !terminal || world.stderr.isTTY !== true;
  const printer = new Printer({ format, output, notices, printed, matches: matcher(selection), tellLosses });
  const api = new HttpApi({ url: settings.server, token: settings.token });
  const { signal } = output;
  const reading: Reading = { api, settings, service, stream, selection, printer, format, notices, signal };
  const watch = flags.follow === true ? new ReaderWatch(1, () => output.readerGone()) : undefined;
  let lastIndex: number | undefined;
  let end: Error | undefined;
  try {
    if (flags.follow === true) await follow(reading);
    else lastIndex = (await printPast(reading)).lastIndex;
    await output.flush();
  } catch (error) {
    end = error as Error;
  } finally {
    watch?.close();
    printed.save(lastIndex);
  }
  if (flags.sinceLast === true && printed.failure !== undefined) {
    notices.say(`could not write down what was printed: ${printed.failure.message}`);
  }
  return ended(end, flags, printer, notices);
}

/** What the command says in the end, and its exit code. */
function ended(end: Error | undefined, flags: LogsFlags, printer: Printer, notices: Notices): number {
  if (end instanceof ReaderGone) return EXIT.done;
  const { completeness } = printer;
  if (flags.check === true) notices.plain(completeness.report());
  if (end !== undefined && !(end instanceof Stopped)) throw end;
  if (flags.check === true && !completeness.complete) return EXIT.hole;
  return end instanceof Stopped ? end.exitCode : EXIT.done;
}

function refuseContradictions({ follow, since, sinceIndex, sinceLast, until }: LogsFlags): void {
  const starts = [since !== undefined, sinceIndex !== undefined, sinceLast === true].filter(Boolean).length;
  if (starts > 1) throw new CliError(EXIT.usage, 'give one of --since, --since-index and --since-last');
  if (follow === true && until !== undefined) throw new CliError(EXIT.usage, '--until has no meaning with --follow');
  if (since !== undefined && until !== undefined && since > until) {
    throw new CliError(EXIT.usage, '--since must be before --until');
  }
}

async function selectionOf(flags: LogsFlags, printed: Printed): Promise<Selection> {
  const query = await askedQuery(flags);
  const last = flags.sinceLast === true && printed.before > 0 ? printed.before : undefined;
  const afterIndex = flags.sinceIndex ?? last;
  const bounded = flags.since !== undefined || afterIndex !== undefined;
  const lines = flags.lines ?? (bounded ? 'all' : LINES);
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
