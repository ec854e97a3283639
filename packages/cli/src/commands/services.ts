import { HttpApi } from '@kubidu/client/http';
import type { Service } from '@kubidu/contracts';

import type { World } from '../environment.ts';
import { EXIT } from '../exit.ts';
import { Notices } from '../output/notices.ts';
import { terminalText } from '@kubidu/text';
import type { Settings } from '../settings.ts';

/** Lists the services one may see. */
export async function services(flags: { output: 'text' | 'json' }, settings: Settings, world: World): Promise<number> {
  const api = new HttpApi({ url: settings.server, token: settings.token });
  const list = await api.services(world.signal);
  list.sort((a, b) => (a.serviceId < b.serviceId ? -1 : 1));
  if (flags.output === 'json') world.stdout.write(list.map((service) => `${JSON.stringify(service)}\n`).join(''));
  else if (list.length > 0) world.stdout.write(table([['SERVICE', 'PODS', 'STATE'], ...list.map(row)]));
  else new Notices(world.stderr).say('there are no services that you may see');
  return EXIT.done;
}

function row({ serviceId, pods }: Service): string[] {
  const states = new Map<string, number>();
  for (const { state } of pods) states.set(state, (states.get(state) ?? 0) + 1);
  const restarts = pods.reduce((sum, { restart }) => sum + restart, 0);
  const words = [...states].map(([state, count]) => `${count} ${state}`);
  if (restarts > 0) words.push(`${restarts} ${restarts === 1 ? 'restart' : 'restarts'}`);
  return [serviceId, String(new Set(pods.map(({ podName }) => podName)).size), words.join(', ') || '-'];
}

function table(rows: string[][]): string {
  const safe = rows.map((cells) => cells.map((cell) => terminalText(cell, false)));
  const widths = (safe[0] ?? []).map((_, column) => Math.max(...safe.map((cells) => (cells[column] ?? '').length)));
  return safe
    .map(
      (cells) =>
        `${cells
          .map((cell, at) => cell.padEnd(widths[at] ?? 0))
          .join('   ')
          .trimEnd()}\n`,
    )
    .join('');
}
