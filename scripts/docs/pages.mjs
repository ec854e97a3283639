import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { root } from '../workspace/root.mjs';
import { table } from './table.mjs';

/** @typedef {{ file: string, text: string }} Page */

const NOTE = '<!-- Made from the sources by `npm run docs:generate`: change them, not this page. -->';

/** @type {(...parts: string[]) => Promise<any>} */
const built = (...parts) => import(pathToFileURL(path.join(root, 'packages', ...parts)).href);

/** @type {(title: string, ...paragraphs: string[]) => string} */
const page = (title, ...paragraphs) => `${[`# ${title}`, NOTE, ...paragraphs].join('\n\n')}\n`;

/**
 * The pages that the sources determine, as they are to be now.
 * @returns {Promise<Page[]>}
 */
export const generatedPages = async () => [await errors(), await configuration(), await metrics(), commandLine()];

/** @returns {Promise<Page>} */
async function errors() {
  const { ERRORS } = await built('contracts', 'dist', 'errors.js');
  const rows = Object.entries(ERRORS).map(([code, row]) => [
    `\`${code}\``,
    String(row.status),
    row.retry ? 'yes' : 'no',
    row.when,
    row.fix,
  ]);
  return {
    file: 'docs/reference/errors.md',
    text: page(
      'Errors',
      'Every error has a `code`, over HTTP, in acknowledgements and in `error` events. Programs decide by the code; the message is for people and may change. A code is never renamed and never used for something else.',
      table(['Code', 'HTTP status', 'May work later', 'When', 'What to do'], rows),
      'Over HTTP the body is `{ "error": { "code", "message", "details"?, "requestId"? } }`. `details` names each malformed field, and `requestId` comes with `INTERNAL` only. On a socket the acknowledgement is `{ "ok": false, "error": { … } }` with the same object; whoever asked for no acknowledgement gets the event `error` instead.',
    ),
  };
}

/** @returns {Promise<Page>} */
async function configuration() {
  const { describeSettings, LATER } = await built('api', 'dist', 'modules', 'config', 'settings.js');
  const rows = describeSettings().map((/** @type {any} */ row) => [
    `\`${row.name}\``,
    row.default === undefined ? '' : `\`${row.default}\``,
    row.description + (row.secret ? ' Never printed.' : ''),
  ]);
  return {
    file: 'docs/reference/configuration.md',
    text: page(
      'Configuration',
      'The server reads its environment once, when it starts. If something is wrong it lists every mistake, starts nothing, and ends with status 2. An empty variable counts as absent.',
      table(['Variable', 'Default', 'Meaning'], rows),
      `Reserved for later versions, and refused by this one so that nobody believes them to work: ${LATER.map((/** @type {string} */ name) => `\`${name}\``).join(', ')}.`,
      'What the command line reads from its environment stands in [Command line](cli.md).',
    ),
  };
}

/** @returns {Promise<Page>} */
async function metrics() {
  const { Metrics } = await built('api', 'dist', 'modules', 'ops', 'metrics.js');
  /** @type {any[]} */
  const all = await new Metrics().registry.getMetricsAsJSON();
  const rows = all
    .filter(({ name }) => name.startsWith('kubidu_'))
    .map(({ name, type, help, values }) => {
      const labels = new Set(values.flatMap((/** @type {any} */ value) => Object.keys(value.labels)));
      labels.delete('le');
      return [`\`${name}\``, type, [...labels].map((label) => `\`${label}\``).join(', '), `${help}.`];
    });
  return {
    file: 'docs/reference/metrics.md',
    text: page(
      'Metrics',
      '`GET /metrics` answers in the Prometheus text format. Without authentication it is open; with authentication it takes the token of `KUBIDU_METRICS_TOKEN`, or that of an admin.',
      table(['Name', 'Type', 'Labels', 'Meaning'], rows),
      'Beside these it has those of [prom-client](https://github.com/siimon/prom-client#default-metrics) on the process: memory, CPU, event loop, garbage collection. All durations are in seconds.',
    ),
  };
}

/** @returns {Page} */
function commandLine() {
  const command = path.join(root, 'packages', 'cli', 'bin', 'kubidu.js');
  const file = 'docs/reference/cli.md';
  if (!existsSync(command)) throw new Error('packages/cli has no bin/kubidu.js');
  // A width, so that no terminal changes the text.
  const env = { ...process.env, COLUMNS: '100', NO_COLOR: '1' };
  const help = (/** @type {string[]} */ ...args) =>
    execFileSync(process.execPath, [command, ...args, '--help'], { encoding: 'utf8', env }).trimEnd();
  const overview = help();
  const names = [...overview.slice(overview.indexOf('\nCommands:')).matchAll(/^ {2}([a-z]+)\b/gm)]
    .map(([, name]) => name ?? '')
    .filter((name) => name !== 'help');
  const sections = names.map((name) => `## kubidu ${name}\n\n\`\`\`text\n${help(name)}\n\`\`\``);
  return { file, text: page('Command line', `\`\`\`text\n${overview}\n\`\`\``, ...sections, ...COMMAND_LINE) };
}

const COMMAND_LINE = [
  '## Where things are kept',
  table(
    ['File', 'What'],
    [
      ['`.kubidu.json`', 'the service of this folder and those below it, as `kubidu link` wrote it'],
      [
        '`~/.config/kubidu/login.json`',
        'the tokens of `kubidu login`, readable by you only; follows `XDG_CONFIG_HOME`',
      ],
      [
        '`~/.local/state/kubidu/printed/`',
        'the last line printed of each log, for `--since-last`; follows `XDG_STATE_HOME`',
      ],
    ],
  ),
  'A closed pipe (`kubidu logs web | head`) ends a command quietly, with status 0.',
];
