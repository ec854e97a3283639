import type { HttpApi } from '@kubidu/client/http';
import type { SubscriptionItem } from '@kubidu/client';
import type { StreamId } from '@kubidu/contracts';
import { LIMITS } from '@kubidu/contracts/limits';

import { number } from './completeness.ts';
import { isClientError } from './explain.ts';
import { startOf } from './history.ts';
import { headOf, requireService } from './known-service.ts';
import type { Format } from './output/format.ts';
import type { Notices } from './output/notices.ts';
import { patiently } from './patience.ts';
import type { Printer } from './printer.ts';
import { matcher } from './selection.ts';
import type { Selection } from './selection.ts';
import type { Settings } from './settings.ts';

export interface Reading {
  readonly api: HttpApi;
  readonly settings: Settings;
  readonly service: string;
  readonly stream: StreamId;
  readonly selection: Selection;
  readonly printer: Printer;
  readonly format: Format;
  readonly notices: Notices;
  readonly signal: AbortSignal;
}

/** Prints what is selected and then what is written, until the signal is aborted, whatever happens to server and network. */
export async function follow(reading: Reading): Promise<void> {
  const { settings, stream, signal } = reading;
  const outage = new Outage(reading.notices, settings.server);
  // Loaded beside the first request, since it takes about as long.
  const [start, { connect }] = await Promise.all([startFrom(reading, outage), import('@kubidu/client')]);
  await using client = connect({ url: settings.server, token: settings.token });
  await using subscription = client.subscribe(stream, { ...start, query: reading.selection.query, signal });
  try {
    for await (const item of subscription) await take(item, reading, outage);
  } catch (error) {
    // Sockets say FORBIDDEN of what is unknown too; HTTP tells the two apart.
    if (isClientError(error) && error.code === 'FORBIDDEN') await known(reading, outage);
    throw error;
  }
  signal.throwIfAborted();
}

async function take(item: SubscriptionItem, reading: Reading, outage: Outage): Promise<void> {
  const { printer, format, notices } = reading;
  switch (item.type) {
    case 'entries':
      return printer.print(item.entries);
    case 'gap':
      return printer.gap(item);
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
      return;
    case 'end':
      notices.say(`the log ended: ${item.status}`);
  }
}

/** Where the subscription begins. Only what the server cannot select by itself is looked for over HTTP. */
async function startFrom(reading: Reading, outage: Outage): Promise<{ lines: number } | { sinceIndex: number }> {
  const { api, service, stream, selection, signal } = reading;
  const { lines, afterIndex } = selection;
  const all = matcher(selection) === undefined;
  if (all && afterIndex === undefined && lines !== undefined && lines <= LIMITS.lines) return { lines };
  if (all && afterIndex !== undefined && lines === undefined) return { sinceIndex: afterIndex };
  if (lines === 0) return { lines };
  const find = async (): Promise<number> =>
    startOf(api, stream, selection, await headOf(api, service, stream, signal), signal);
  const sinceIndex = await patiently(find, (error) => outage.away(error), signal);
  return { sinceIndex };
}

async function known({ api, service, signal }: Reading, outage: Outage): Promise<void> {
  await patiently(
    () => requireService(api, service, signal),
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
