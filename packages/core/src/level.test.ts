import { describe, expect, it } from '@jest/globals';
import type { Level } from '@kubidu/contracts';

import { recogniseLevel } from './level.ts';

const LEVELLED: readonly [line: string, level: Level][] = [
  // JSON, by name
  ['{"level":"info","msg":"ready"}', 'INFO'],
  ['{"time":"2026-11-20T23:16:57Z","level":"WARN","msg":"slow"}', 'WARN'],
  ['{ "level" : "Error" , "msg": "x" }', 'ERROR'],
  ['{"severity":"WARNING","message":"of Google Cloud"}', 'WARN'],
  ['{"lvl":"dbg","msg":"x"}', 'DEBUG'],
  ['{"levelname":"CRITICAL","message":"of Python"}', 'FATAL'],
  ['{"@timestamp":"x","log.level":"error","message":"of ECS"}', 'ERROR'],
  ['{"@t":"x","@l":"Warning","@m":"of Serilog"}', 'WARN'],
  ['{"@level":"trace","@message":"of hclog"}', 'TRACE'],
  ['{"Timestamp":"x","LogLevel":"Information","Message":"of .NET"}', 'INFO'],
  ['{"msg":"one \\"level\\":\\"error\\" inside","level":"info"}', 'INFO'],
  ['{"req":{"level":"error"},"level":"info"}', 'INFO'],
  ['{"a":[{"level":"error"}],"b":"}","level":"debug"}', 'DEBUG'],
  ['{"level":"audit","severity":"ERROR"}', 'ERROR'],
  // JSON, by number
  ['{"level":10,"msg":"of pino"}', 'TRACE'],
  ['{"level":20,"msg":"x"}', 'DEBUG'],
  ['{"level":30,"time":1,"msg":"x"}', 'INFO'],
  ['{"level":35,"msg":"a level of one\'s own"}', 'INFO'],
  ['{"name":"of bunyan","level":40,"msg":"x"}', 'WARN'],
  ['{"level":50}', 'ERROR'],
  ['{"level": 60 ,"msg":"x"}', 'FATAL'],
  ['{"level":-1,"message":"of zerolog"}', 'TRACE'],
  ['{"level":1,"message":"of zerolog"}', 'INFO'],
  ['{"level":3,"message":"of zerolog"}', 'ERROR'],
  ['{"level":5,"message":"of zerolog"}', 'FATAL'],
  // logfmt
  ['level=info msg=ready', 'INFO'],
  ['time="2026-11-20T23:16:57Z" level=warning msg="of logrus"', 'WARN'],
  ['time=2026-11-20T23:16:57Z level=ERROR msg="of slog"', 'ERROR'],
  ['ts=1 caller=main.go:1 lvl=dbg msg=x', 'DEBUG'],
  ['msg=x level="error"', 'ERROR'],
  ['severity=critical msg=x', 'FATAL'],
  ['msg="level=error inside" level=info', 'INFO'],
  ['msg="a \\" level=error inside" level=info', 'INFO'],
  ['level=high level=warn', 'WARN'],
  // klog and syslog
  ['I1120 23:16:57.123456       1 main.go:1] ready', 'INFO'],
  ['W1120 23:16:57.123456       1 main.go:1] INFO: no', 'WARN'],
  ['E1120 23:16:57.123456       1 main.go:1] failed', 'ERROR'],
  ['F1120 23:16:57.123456       1 main.go:1] dead', 'FATAL'],
  ['<0>kernel: dead', 'FATAL'],
  ['<11>Nov 20 23:16:57 host app: x', 'ERROR'],
  ['<12>1 2026-11-20T23:16:57Z host app - - - x', 'WARN'],
  ['<14>ready', 'INFO'],
  ['<191>x', 'DEBUG'],
  // in brackets
  ['[info] ready', 'INFO'],
  ['[WARN] slow', 'WARN'],
  ['[Error] failed', 'ERROR'],
  ['[ debug ] x', 'DEBUG'],
  ['[INFO ] padded', 'INFO'],
  ['[1] 2026/11/20 23:16:57.123456 [INF] of NATS', 'INFO'],
  ['[23:16:57 WRN] of Serilog', 'WARN'],
  ['2026/11/20 23:16:57 [crit] 7#7: *1 of nginx', 'FATAL'],
  ['2026-11-20T23:16:57.123456Z 0 [Warning] [MY-010055] of MySQL', 'WARN'],
  ['[2026-11-20T23:16:57Z ERROR my_crate::main] of env_logger', 'ERROR'],
  ['[main] [info] the second', 'INFO'],
  ['NetworkManager[1]: <info>  x', 'INFO'],
  ['23:16:57.123 [notice] of Elixir', 'INFO'],
  // in capitals
  ['INFO ready', 'INFO'],
  ['INFO', 'INFO'],
  ['ERROR: relation does not exist', 'ERROR'],
  ['WARNING:root:of Python', 'WARN'],
  ['2026-11-20 23:16:57,123 - app - ERROR - of Python', 'ERROR'],
  ['2026-11-20 23:16:57.123  INFO 1 --- [main] c.e.App : of Spring', 'INFO'],
  ['23:16:57.123 [main] DEBUG com.example.App - of logback', 'DEBUG'],
  ['2026-11-20T23:16:57Z\tTRACE\tof zap', 'TRACE'],
  ['11:16PM INF of zerolog', 'INFO'],
  ['I, [2026-11-20T23:16:57.123 #1]  WARN -- : of Ruby', 'WARN'],
  ['[2026-11-20 23:16:57] local.ERROR: of Laravel', 'ERROR'],
  ['2026-11-20 23:16:57 UTC [7] FATAL:  of PostgreSQL', 'FATAL'],
  ['web_1  | 12:00:00|WARN|x', 'WARN'],
  ['SEVERE: of java.util.logging', 'ERROR'],
  // coloured
  ['\x1b[32mINFO\x1b[0m ready', 'INFO'],
  ['\x1b[2m2026-11-20T23:16:57Z\x1b[0m \x1b[33m WARN\x1b[0m of tracing', 'WARN'],
  ['\x1b[90m11:16PM\x1b[0m \x1b[1m\x1b[31mERR\x1b[0m\x1b[0m of zerolog', 'ERROR'],
  ['[\x1b[31mERROR\x1b[39m] x', 'ERROR'],
];

const UNLEVELLED: readonly string[] = [
  '',
  ' ',
  'ready',
  'an error occurred while the warning was read',
  'Error: connect ECONNREFUSED 127.0.0.1:6379',
  'no errors, 3 warnings',
  'information',
  'INFOrmation',
  'INFORMATIONAL',
  'infoINFO',
  'PREDEBUG x',
  'SYSTEMERROR: x',
  'formINFO: x',
  'ERROR_CODE=7',
  'GET /error HTTP/1.1 200',
  'GET https://example.com/INFO/error?level=debug&x=1 200',
  'https://example.com/?level=error',
  'errors[error] = 7',
  'the debug flag is off',
  'x.INFO is a file',
  '[7] 42',
  '[information desk] x',
  '[level] x',
  '1234567890',
  '10 20 30 40 50',
  'I1120 is a room',
  'Error1120 23:16:57',
  '<192>x',
  '<999>x',
  '<13 x',
  '<p>text</p>',
  'level=',
  'level=7',
  'level=high',
  'level=constructor',
  'level=information7',
  'sealevel=error',
  'msg="level=error"',
  'msg="the level=error is inside"',
  '{}',
  '{',
  '{"msg":"an ERROR in capitals"}',
  '{"msg":"level","x":"error"}',
  '{"level":"constructor"}',
  '{"level":"high"}',
  '{"level":null}',
  '{"level":{"level":"error"}}',
  '{"level":7}',
  '{"level":300}',
  '{"level":30.5}',
  '{"level":3e1}',
  '{"level":-2}',
  '{"req":{"level":"error"}}',
  '{"events":[{"level":50}]}',
  '{"msg":"{\\"level\\":\\"error\\"}"}',
  '{"msg":"\\\\","a":{"level":"error"}}',
  `{"msg":"${'x'.repeat(3_000)}","level":"error"}`,
  `${'x'.repeat(100)} ERROR far behind`,
  `${'x'.repeat(91)} INFORMATIONAL`, // cut behind INFO
  '\u{1f600} x',
  '\0\0\0',
];

describe('the level', () => {
  it.each(LEVELLED)('of %j is %s', (line, level) => {
    expect(recogniseLevel(line)).toBe(level);
  });

  it.each(UNLEVELLED)('of %j is not guessed', (line) => {
    expect(recogniseLevel(line)).toBeUndefined();
  });

  it.each([
    ...[
      '[',
      '<',
      '{',
      '"',
      '=',
      ' ',
      '\\',
      'E',
      'INFO',
      '[info',
      '[ ',
      'level=',
      'level="',
      '"level"',
      '"level":',
      '"level" ',
    ],
    ...[
      '{"a":',
      '"level":"error",',
      ' level=error"',
      'l=',
      '[[[[info]',
      '\x1b[',
      '\x1b[1m',
      '<1',
      'a.',
      '(info) (',
      '\u00e9',
    ],
  ])('of 256 KiB of %j is found or not in a moment', (piece) => {
    for (const start of ['', '{', '{"', '{"a":{', '[', 'level="', '\x1b[', '<']) {
      const line = start + piece.repeat(Math.ceil((256 * 1024) / piece.length));
      const before = process.cpuUsage();
      for (let times = 0; times < 5; times++) recogniseLevel(line);
      const { user, system } = process.cpuUsage(before);
      expect((user + system) / 5).toBeLessThan(10_000); // µs; a few tens of them in fact
    }
  });
});
