import { describe, expect, it } from '@jest/globals';
import type { LogEntry } from '@kubidu/contracts';
import { compile } from '@kubidu/query';
import { renderToStaticMarkup } from 'react-dom/server';

import { LogRow } from './LogRow.tsx';
import type { LogRowProps } from './LogRow.tsx';
import { timeFormat } from './time-format.ts';

const utc = timeFormat('utc');
const off = timeFormat('off');

function entry(message: string, more: Partial<LogEntry> = {}): LogEntry {
  return { index: 17, timestamp: '2026-11-20T23:16:57.856942694Z', message, ...more };
}

function html(shown: LogEntry, props: Partial<LogRowProps> = {}): string {
  return renderToStaticMarkup(<LogRow entry={shown} time={off} {...props} />);
}

/** Only what stands in the line's own element. */
function line(message: string, props: Partial<LogRowProps> = {}): string {
  return /<bdi class="log-text" dir="ltr">(.*?)<\/bdi>/s.exec(html(entry(message), props))?.[1] ?? '';
}

describe('a row', () => {
  it('has its index as a link to itself, its time, its pod, its level and its message', () => {
    const shown = html(entry('ready', { level: 'INFO', podName: 'web-1', container: 'app' }), {
      time: utc,
      source: 'container',
    });
    expect(shown).toContain('href="#L17"');
    expect(shown).toContain('dateTime="2026-11-20T23:16:57.856942694Z"');
    expect(shown).toContain('>11-20 23:16:57.856</time>');
    expect(shown).toMatch(/class="log-pod log-pod-\d+" title="web-1 app">web-1 app</);
    expect(shown).toContain('<span class="log-level">INFO</span>');
    expect(shown).toContain('class="log-row log-info"');
    expect(shown).toContain('>ready</bdi>');
  });

  it.each([
    ['never has markup of a line', '<img src=x onerror=alert(1)>', '&lt;img src=x onerror=alert(1)&gt;'],
    ['has one of 16 colours as a class', '\x1b[31mbad\x1b[0m ok', '<span class="ansi-1">bad</span> ok'],
    [
      'has its styles as classes',
      '\x1b[1;3;4;9mx',
      '<span class="ansi-bold ansi-italic ansi-underline ansi-strike">x</span>',
    ],
    ['has one of 256', '\x1b[38;5;196mx', '<span class="ansi-fg" style="--ansi-fg:#ff0000">x</span>'],
    ['has a true colour', '\x1b[38;2;1;2;3mx', '<span class="ansi-fg" style="--ansi-fg:#010203">x</span>'],
    ['has a ground that one can read on', '\x1b[43mx', '<span class="ansi-on-3 ansi-ink-black">x</span>'],
    ['has a colour on a ground', '\x1b[30;42mx', '<span class="ansi-on-2 ansi-ink" style="--ansi-fg:#000000">x</span>'],
    ['has no unreadable colour on a ground', '\x1b[31;41mx', '<span class="ansi-on-1 ansi-ink-white">x</span>'],
    ['turns colours around', '\x1b[7mx\x1b[27my', '<span class="ansi-inverse">x</span>y'],
    ['turns a colour around', '\x1b[7;31mx', '<span class="ansi-on-1 ansi-ink-white">x</span>'],
    ['is a progress bar in its last state', '10%\r20%\r\x1b[Kdone\x07', 'done'],
    ['has the text of a link only', '\x1b]8;;javascript:alert(1)\x1b\\here\x1b]8;;\x1b\\', 'here'],
  ])('%s', (_name, message, shown) => {
    expect(line(message)).toBe(shown);
  });

  it('names what one does not see', () => {
    const shown = line('a\u202eb\u200bc');
    expect(shown).toContain('aria-label="right-to-left override, U+202E"');
    expect(shown).toContain('data-code="U+200B"');
    expect(shown).not.toMatch(/[\u202e\u200b]/);
  });

  it('marks what was searched for, across colours', () => {
    expect(line('a \x1b[31mfai\x1b[1mled\x1b[0m b', { query: compile('failed') })).toBe(
      'a <mark class="log-mark">fai</mark><mark class="log-mark ansi-bold">led</mark> b',
    );
  });

  it('shows the beginning of a long line, and all of it when it is opened', () => {
    const message = 'x'.repeat(256 * 1024 - 1) + 'y';
    const props = { onToggle: () => undefined };
    expect(line(message, props)).toBe('x'.repeat(4_096));
    expect(html(entry(message), props)).toContain('show whole line (256 KiB)');
    expect(line(message, { ...props, lineOpen: true })).toBe(message);
  });

  it('says how much was cut off before it was stored', () => {
    expect(html(entry('x', { truncated: 1_200 }))).toContain('1,200 bytes cut');
  });

  it('is a divider where the system speaks', () => {
    const event = { type: 'container-exited', exitCode: 137, reason: 'OOMKilled', restart: 0 } as const;
    const shown = html(entry('…', { stream: 'system', event, podName: 'web-1' }));
    expect(shown).toContain('class="log-divider log-divider-bad"');
    expect(shown).toContain('container exited: OOMKilled (137)');
  });
});

describe('drawing rows', () => {
  const lines = 500;

  it('is measured, and nothing of a row is kept', () => {
    const rows = Array.from({ length: lines }, (_, i) => (
      <LogRow
        key={i}
        entry={entry(`\x1b[32mINFO\x1b[0m level=info msg="job done" job=${i} duration=284ms`, {
          index: i + 1,
          level: 'INFO',
          podName: `web-${i % 3}`,
        })}
        time={utc}
        source="pod"
      />
    ));
    const draw = (): [string, number] => {
      const started = process.hrtime.bigint();
      const drawn = renderToStaticMarkup(<>{rows}</>);
      return [drawn, Number(process.hrtime.bigint() - started) / 1e3];
    };
    const [first] = draw();
    const [second, microseconds] = draw();
    expect(second).toBe(first);
    process.stdout.write(`LogRow: ${(microseconds / lines).toFixed(1)} µs a row, drawn as markup\n`);
  });
});
