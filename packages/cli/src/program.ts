import { readFileSync } from 'node:fs';

import { parseMoment } from '@kubidu/text';
import { Command, InvalidArgumentError, Option } from 'commander';

import type { DeployFlags } from './commands/deploy.ts';
import type { LogsFlags } from './logs-flags.ts';
import type { World } from './environment.ts';
import { settingsOf } from './settings.ts';
import type { ServerFlags, Settings } from './settings.ts';

/** What a command leaves for `main`: its exit code, and the settings for a message that names the server. */
export interface Outcome {
  exitCode: number;
  settings?: Settings;
}

/**
 * The commands and their flags. Each command's code is loaded when it runs, so that `--help` and `--version` answer at
 * once. A usage error or a help throws commander's own error.
 */
export function program(world: World, outcome: Outcome): Command {
  const settle = (flags: ServerFlags): Settings => (outcome.settings = settingsOf(flags, world.env));
  const root = new Command('kubidu')
    .description('Follow the logs of your services: every line, once, in order.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .showSuggestionAfterError()
    .exitOverride();

  logsCommand(root).action(async (service: string | undefined, flags: LogsFlags) => {
    const { logs } = await import('./commands/logs.ts');
    outcome.exitCode = await logs(service, flags, settle(flags), world);
  });
  deployCommand(root).action(async (folder: string | undefined, flags: DeployFlags) => {
    const { deploy } = await import('./commands/deploy.ts');
    outcome.exitCode = await deploy(folder, flags, settle(flags), world);
  });
  withServer(root.command('services'))
    .description('list the services you may see')
    .addOption(new Option('-o, --output <format>', 'how to print them').choices(['text', 'json']).default('text'))
    .action(async (flags: ServerFlags & { output: 'text' | 'json' }) => {
      const { services } = await import('./commands/services.ts');
      outcome.exitCode = await services(flags, settle(flags), world);
    });
  withServer(root.command('link'))
    .description('link this folder to a service, so that `kubidu logs` needs no name; without one: say which')
    .argument('[service]', 'the service')
    .action(async (service: string | undefined, flags: ServerFlags) => {
      const { link } = await import('./commands/link.ts');
      outcome.exitCode = await link(service, settle(flags), world);
    });
  withServer(root.command('login'))
    .description('remember a token for a server; it is asked for, or read from stdin')
    .action(async (flags: ServerFlags) => {
      const { login } = await import('./commands/login.ts');
      outcome.exitCode = await login(flags, settle(flags), world);
    });
  withServer(root.command('whoami'))
    .description('say who your token says you are, and what you may do')
    .action(async (flags: ServerFlags) => {
      const { whoami } = await import('./commands/whoami.ts');
      outcome.exitCode = await whoami(settle(flags), world);
    });
  return root;
}

function logsCommand(root: Command): Command {
  return withServer(root.command('logs'))
    .description("print a service's log: the newest lines, and with -f what is written from then on")
    .argument('[service]', 'the service; else KUBIDU_SERVICE, else the nearest .kubidu.json')
    .option('-f, --follow', 'go on until Ctrl-C or the end of a build, through restarts of anything')
    .option('--build [deployment]', "a build's log, whole: this deployment's, else the service's latest")
    .option(
      '-n, --lines <n|all>',
      'how many of the newest lines (default: 100; all of a build, or after a given start)',
      parseLines,
    )
    .option('--since <time>', 'only from then on: 10m, 2h, 14:03 or RFC 3339', parseTime)
    .option('--until <time>', 'only up to then', parseTime)
    .option('--since-index <n>', 'only what is after this index', parseIndex)
    .option('--since-last', 'only what is after the last line printed here')
    .option('-g, --grep <query>', 'only what matches: words, "phrases", -not, /re2/i, field:value, OR, parentheses')
    .addOption(
      new Option('--level <min>', 'only what is at least that severe').choices([
        'trace',
        'debug',
        'info',
        'warn',
        'error',
        'fatal',
      ]),
    )
    .option('--pod <name>', 'only this pod (can be repeated)', collect)
    .option('--container <name>', 'only this container (can be repeated)', collect)
    .addOption(outputOption())
    .option('--no-timestamps', 'text without the time')
    .option('--no-prefix', "text without pod and container, or a build's step")
    .addOption(colorOption())
    .option('--check', 'say at the end, on stderr, whether every line was had; exit 6 when not')
    .addHelpText('after', AFTER_LOGS);
}

const AFTER_LOGS = `
Lines go to stdout, everything else to stderr. Exit codes: 0 done, 1 the build failed (with -f), 2 usage,
3 not logged in or not allowed, 4 no such service or deployment, 5 server not reachable (without -f),
6 --check found a hole, 130 Ctrl-C.

Examples:
  kubidu logs web -f
  kubidu logs web --since 10m --check
  kubidu logs web -f --level warn -g 'timeout OR /5\\d\\d$/ -healthz'
  kubidu logs web --build -f
  kubidu logs web -n all -o json > web.jsonl`;

function deployCommand(root: Command): Command {
  return withServer(root.command('deploy'))
    .description('build an image of a folder or a repository, print its log, and exit with its result')
    .argument('[dir]', 'the folder, without what its .dockerignore names (default: this one)')
    .option('--service <service>', 'what is built; else KUBIDU_SERVICE, else the nearest .kubidu.json')
    .option('-f, --file <path>', 'the Dockerfile, from here or from the folder (default: Dockerfile)')
    .option('--target <stage>', 'the stage to build (default: the last)')
    .option('--build-arg <name=value>', 'a build argument; NAME alone: of the environment (can be repeated)', collect)
    .option('--secret <id=name>', 'a build secret: id=NAME[,env=VARIABLE | ,src=FILE] (can be repeated)', collect)
    .option('--no-cache', 'build every step anew')
    .option('--git <url>', 'build a repository instead of a folder')
    .option('--ref <ref>', 'its branch, tag or commit')
    .option('--tenant <tenant>', 'whose it is, for a new service and a token of several tenants')
    .option('-d, --detach', 'print the deployment and leave it to itself')
    .addOption(outputOption())
    .option('--no-timestamps', 'text without the time')
    .addOption(colorOption())
    .addHelpText('after', AFTER_DEPLOY);
}

const AFTER_DEPLOY = `
Ctrl-C cancels the build. Exit codes: 0 it succeeded, 1 it failed, was cancelled or got lost, 2 usage,
3 not logged in or not allowed, 4 no such service, 5 server not reachable or without a builder, 130 Ctrl-C.

Examples:
  kubidu deploy
  kubidu deploy ./app --service web -f docker/Dockerfile --build-arg VERSION=1.2
  kubidu deploy --secret id=NPM_TOKEN --secret id=key,src=$HOME/.ssh/deploy
  kubidu deploy --git https://example.com/shop.git --ref main --detach`;

function outputOption(): Option {
  return new Option('-o, --output <format>', 'text for people, json: one entry a line, raw: messages only')
    .choices(['text', 'json', 'raw'])
    .default('text');
}

function colorOption(): Option {
  return new Option('--color <when>', 'auto: on a terminal, without NO_COLOR')
    .choices(['auto', 'always', 'never'])
    .default('auto');
}

function withServer(command: Command): Command {
  return command
    .option('--server <url>', 'else KUBIDU_SERVER, else the last login, else http://127.0.0.1:3000')
    .option('--token <token>', 'else KUBIDU_TOKEN, else the login (seen by others in the list of processes)');
}

function parseLines(text: string): number | 'all' {
  return text === 'all' ? 'all' : parseIndex(text);
}

function parseIndex(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(number))
    throw new InvalidArgumentError('It must be a whole number.');
  return number;
}

function parseTime(text: string): number {
  const moment = parseMoment(text, Date.now());
  if (moment === undefined) throw new InvalidArgumentError('It must be like 10m, 2h, 14:03 or 2026-11-20T23:16:57Z.');
  return moment;
}

function collect(name: string, before: readonly string[] = []): string[] {
  return [...before, name];
}

function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
