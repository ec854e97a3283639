import type { HttpApi } from '@kubidu/client/http';
import type { SubscriptionItem } from '@kubidu/client';
import type { Outcome } from '@kubidu/contracts';
import { LIMITS } from '@kubidu/contracts/limits';

import { number } from '@kubidu/text';
import { isClientError } from './explain.ts';
import { startOf, within } from './history.ts';
import type { Format } from './output/format.ts';
import type { Notices } from './output/notices.ts';
import type { StatusLine } from './output/status-line.ts';
import { patiently } from './patience.ts';
import type { Printer } from './printer.ts';
import { matcher } from './selection.ts';
import type { Selection } from './selection.ts';
import type { Settings } from './settings.ts';
import { headOf } from './target.ts';
import type { Target } from './target.ts';

export interface Reading {
  readonly api: HttpApi;
  readonly settings: Settings;
  readonly target: Target;
  readonly selection: Selection;
  readonly printer: Printer;
  readonly format: Format;
  readonly notices: Notices;
  /** Says how far a long log was read. */
  readonly status: StatusLine;
  readonly signal: AbortSignal;
}

/**
 * Prints what is selected and then what is written, until the log ends or the signal is aborted, whatever happens to
 * server and network. Resolves with how the log ended.
 */
export async function follow(reading: Reading): Promise<Outcome | undefined> {
  const { settings, target, signal } = reading;
  const outage = new Outage(reading.notices, settings.server);
  // Loaded beside the first request, since it takes about as long.
  const [start, { connect }] = await Promise.all([startFrom(reading, outage), import('@kubidu/client')]);
  await using client = connect({ url: settings.server, token: settings.token });
  const { query } = reading.selection;
  await using subscription = client.subscribe(target.stream, { ...start, query, signal });
  let outcome: Outcome | undefined;
  let begin: number | undefined;
  try {
    for await (const item of subscription) {
      if (item.type === 'connected') begin ??= item.firstIndex;
      if (item.type === 'end') outcome = item;
      else if (item.type !== 'gap') await take(item, reading, outage);
      else tellGap(item, reading, begin);
    }
  } catch (error) {
    // Sockets say FORBIDDEN of what is unknown too; HTTP tells the two apart.
    if (isClientError(error) && error.code === 'FORBIDDEN') await known(reading, outage);
    throw error;
  }
  signal.throwIfAborted();
  return outcome;
}

/** Asked for by index, what is gone is to be told; otherwise the log begins where it began when the server took it up. */
function tellGap(gap: GapItem, { selection, printer }: Reading, begin = 1): void {
  const from = selection.afterIndex === undefined ? Math.max(gap.from, begin) : gap.from;
  if (from <= gap.to) printer.gap({ ...gap, from });
}

type GapItem = Extract<SubscriptionItem, { type: 'gap' }>;

async function take(
  item: Exclude<SubscriptionItem, { type: 'end' | 'gap' }>,
  reading: Reading,
  outage: Outage,
): Promise<void> {
  const { printer, format, notices } = reading;
  switch (item.type) {
    case 'entries':
      return printer.print(item.entries);
    case 'sources':
      return format.sources?.(item.sources);
    case 'reconnecting':
      return outage.away(item.error);
    case 'connected':
      outage.over();
      if (item.lastIndex === 0 && !item.resumed) await known(reading, outage);
      return;
    case 'behind':
      notices.say(
        `the server holds lines up to ${number(item.lastIndex)} only, ${number(item.readThrough)} were read before: waiting for later ones`,
      );
  }
}

/** Where the subscription begins. Only what the server cannot select by itself is looked for over HTTP. */
async function startFrom(reading: Reading, outage: Outage): Promise<{ lines: number } | { sinceIndex: number }> {
  const { api, target, selection, signal } = reading;
  const { lines, afterIndex } = selection;
  const all = matcher(selection) === undefined;
  if (all && afterIndex === undefined && lines !== undefined && lines <= LIMITS.lines) return { lines };
  // Without a question over HTTP the first line is there sooner.
  if (all && lines === undefined) return { sinceIndex: afterIndex ?? 0 };
  if (lines === 0) return { lines };
  const find = async (): Promise<number> => {
    const head = await within(api, target.stream, selection, await headOf(api, target, signal), signal);
    return startOf(api, target.stream, selection, head, signal);
  };
  const sinceIndex = await patiently(find, (error) => outage.away(error), signal);
  return { sinceIndex };
}

async function known({ target, signal }: Reading, outage: Outage): Promise<void> {
  await patiently(
    () => target.require(signal),
    (error) => outage.away(error),
    signal,
  );
}

/** Tells of an outage once, and once when it is over. */
class Outage {
  readonly #notices: Notices;
  readonly #server: string;
  #away = false;
  #connected = false;

  constructor(notices: Notices, server: string) {
    this.#notices = notices;
    this.#server = server;
  }

  away(error: Error): void {
    if (this.#away) return;
    this.#away = true;
    const what = this.#connected ? 'reconnecting to' : 'waiting for';
    this.#notices.say(`${what} ${this.#server} (${error.message})`);
  }

  over(): void {
    if (this.#away) this.#notices.say(this.#connected ? 'reconnected' : 'connected');
    this.#away = false;
    this.#connected = true;
  }
}
