import { describe, expect, it } from '@jest/globals';
import type { LogEntry } from '@kubidu/contracts';

import { foldsAt } from './folds.ts';

const web = { podName: 'web-1', container: 'app', stream: 'stderr' } as const;

function entries(text: string, more: Partial<LogEntry> = web): LogEntry[] {
  return text.split('\n').map((message, i) => ({ index: i + 1, timestamp: '2026-11-20T23:16:57Z', message, ...more }));
}

/** `2–5`: the line that stays, and the last one. */
function folds(shown: readonly LogEntry[]): string[] {
  return foldsAt(shown).map(({ head, last, lines }) => {
    expect(lines).toBe(last - head);
    return `${head}–${last}`;
  });
}

const JAVA = `request failed
java.lang.IllegalStateException: no card
\tat com.shop.Pay.charge(Pay.java:42)
\tat com.shop.Pay.main(Pay.java:12)
Caused by: java.io.IOException: timeout
\tat com.shop.Net.read(Net.java:7)
\t... 12 more
ready again`;

const NODE = `listening
Error: connect ECONNREFUSED 10.0.0.7:5432
    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1555:16)
    at async Promise.all (index 0)
    at /srv/app.js:3:1
next`;

const PYTHON = `start
Traceback (most recent call last):
  File "/app/main.py", line 3, in <module>
    pay(card)
    ~~~^^^^^^
  File "/app/pay.py", line 9, in pay
    raise KeyError(card)
KeyError: 'card'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/app/main.py", line 5, in <module>
    raise shop.PaymentError("no card")
shop.PaymentError: no card
goodbye`;

const GO = `ready
panic: runtime error: invalid memory address or nil pointer dereference
[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x48f0e5]

goroutine 1 [running]:
main.(*Shop).Pay(0x0, {0xc000012345, 0x4})
\t/app/main.go:17 +0x1d
main.main()
\t/app/main.go:9 +0x25
created by main.start in goroutine 1
\t/app/main.go:4 +0x3a
exit status 2
restarting`;

const DOTNET = `Unhandled exception. System.InvalidOperationException: no card
 ---> System.IO.IOException: timeout
   at Shop.Net.Read() in /app/Net.cs:line 7
   --- End of inner exception stack trace ---
   at Shop.Pay.Charge() in /app/Pay.cs:line 42
done`;

const RUBY = `/app/pay.rb:9:in \`charge': no card (PaymentError)
\tfrom /app/pay.rb:4:in \`pay'
\tfrom main.rb:2:in \`<main>'
bye`;

describe('stack traces fold', () => {
  it.each([
    ['of Java, with their causes', JAVA, ['2–7']],
    ['of Node', NODE, ['2–5']],
    ['of Python, with those that led to them', PYTHON, ['2–15']],
    ['of Go, with all goroutines', GO, ['2–12']],
    ['of .NET', DOTNET, ['2–5']],
    ['of Ruby', RUBY, ['1–3']],
    ['one behind the other', `${NODE}\n${JAVA}`, ['2–5', '8–13']],
    ['in colours', JAVA.replaceAll('\n', '\x1b[0m\n\x1b[31m'), ['2–7']],
  ])('%s', (_name, text, expected) => {
    expect(folds(entries(text))).toEqual(expected);
  });

  it.each([
    ['text', 'a\nb\nc'],
    ['indented lines', 'config:\n  a: 1\n  b: 2\n  c: 3'],
    ['one call alone', 'Error: x\n    at f (a.js:1:1)\nnext'],
    ['words like "at" at the beginning', 'at first\nat last\nat all'],
    ['a call without a line before it', '    at f (a.js:1:1)'],
    ['blank lines', '\n\n\n'],
    ['nothing', ''],
  ])('but not %s', (_name, text) => {
    expect(folds(entries(text))).toEqual([]);
  });

  it('end where another container writes', () => {
    const shown = entries(NODE).map((entry) => (entry.index === 5 ? { ...entry, podName: 'web-2' } : entry));
    expect(folds(shown)).toEqual(['2–4']);
  });

  it('end where the system speaks, and where an index is missing', () => {
    const shown = entries(NODE);
    expect(folds(shown.filter(({ index }) => index !== 4))).toEqual([]);
    expect(folds(shown.map((entry) => (entry.index === 5 ? { ...entry, stream: 'system' as const } : entry)))).toEqual([
      '2–4',
    ]);
  });

  it('leave blank lines behind them alone', () => {
    expect(folds(entries(`${GO.split('\n').slice(0, 9).join('\n')}\n\n\nready`))).toEqual(['2–9']);
  });

  it('are at most 1,000 lines', () => {
    const shown = entries(`Error: x\n${'    at f (a.js:1:1)\n'.repeat(5_000)}end`);
    expect(Math.max(...foldsAt(shown).map(({ lines }) => lines))).toBeLessThanOrEqual(1_000);
  });

  it('grow with the entries, and are the same before', () => {
    const shown = entries(`${PYTHON}\n${JAVA}\n${GO}`);
    const all = foldsAt(shown);
    for (let length = 0; length <= shown.length; length++) {
      const some = foldsAt(shown.slice(0, length));
      for (const [at, { head, last }] of some.entries()) {
        expect(head).toBe(all[at]?.head);
        expect(last).toBeLessThanOrEqual(all[at]?.last ?? 0);
      }
    }
  });

  it('are found in time linear in hostile lines', () => {
    const started = process.hrtime.bigint();
    for (const part of [' ', '\t', 'a.b(', '(', 'x: ', ' at ', '[', '... 1 '])
      foldsAt(entries(`panic: x\n${part.repeat(256 * 1024)}\n`.repeat(20)));
    expect(Number(process.hrtime.bigint() - started) / 1e6).toBeLessThan(3_000);
  });
});
