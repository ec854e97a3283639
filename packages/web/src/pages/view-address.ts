import { LEVELS } from '@kubidu/contracts';

import { initialLogView } from '../components/logs/log-view.ts';
import type { LogView, Timestamps } from '../components/logs/log-view.ts';

const TIMES: readonly Timestamps[] = ['local', 'utc', 'relative', 'off'];

/** Parts of an address that say what one sees of a log. */
export interface ViewAddress {
  /** With its question mark, or empty. */
  readonly search: string;
  /** With its hash, or empty. */
  readonly hash: string;
}

/** What an address asks to see. What it says wrongly counts as not said: it may come from anybody. */
export function viewOf({ search, hash }: ViewAddress): LogView {
  const said = new URLSearchParams(search);
  const line = index(/^#L(\d{1,16})$/.exec(hash)?.[1]);
  const query = said.get('q') ?? '';
  const level = LEVELS.find((one) => one === said.get('level')?.toUpperCase());
  const [from, to, step] = [index(said.get('from')), index(said.get('to')), index(said.get('step'))];
  const [pods, containers] = [said.getAll('pod'), said.getAll('container')];
  return {
    follow: said.get('follow') !== 'off' && line === undefined,
    timestamps: TIMES.find((one) => one === said.get('time')) ?? initialLogView.timestamps,
    wrap: said.get('wrap') === 'on',
    ...(query !== '' && { query }),
    ...(said.get('only') === 'on' && { only: true }),
    ...(line !== undefined && { line }),
    ...(pods.length > 0 && { pods }),
    ...(containers.length > 0 && { containers }),
    ...(step !== undefined && { step }),
    ...(level !== undefined && { level }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
  };
}

/** The address under which a view is seen again: what is as usual is left out of it. */
export function addressOf(view: LogView): ViewAddress {
  const said = new URLSearchParams();
  const say = (name: string, value: string | number | undefined): void => {
    if (value !== undefined && value !== '') said.set(name, String(value));
  };
  say('q', view.query);
  say('only', view.only === true ? 'on' : undefined);
  say('step', view.step);
  for (const pod of view.pods ?? []) said.append('pod', pod);
  for (const container of view.containers ?? []) said.append('container', container);
  say('level', view.level?.toLowerCase());
  say('from', view.from);
  say('to', view.to);
  say('time', view.timestamps === initialLogView.timestamps ? undefined : view.timestamps);
  say('wrap', view.wrap ? 'on' : undefined);
  say('follow', view.follow || view.line !== undefined ? undefined : 'off');
  const search = said.toString();
  return { search: search === '' ? '' : `?${search}`, hash: view.line === undefined ? '' : `#L${view.line}` };
}

function index(text: string | null | undefined): number | undefined {
  return text !== null && text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
