import { describe, expect, it } from '@jest/globals';
import type { LogEntry } from '@kubidu/contracts';

import { copyText } from './copy-text.ts';
import { downloadName } from './download-name.ts';

const entries: readonly LogEntry[] = [
  {
    index: 1,
    timestamp: '2026-11-20T23:16:57.856942694Z',
    message: '\x1b[31mbad\x1b[0m',
    podName: 'web-1',
    container: 'app',
  },
  { index: 2, timestamp: '2026-11-20T23:16:58Z', message: '10%\r100%\x1b[K\x07', podName: 'web-1' },
  { index: 3, timestamp: '2026-11-20T23:16:59Z', message: 'pod deleted', stream: 'system' },
  { index: 4, timestamp: '2026-11-20T23:17:00Z', message: 'a\u202eb\tc', truncated: 1_200 },
];

describe('what is copied', () => {
  it('is what the lines say, as a terminal without colours shows it', () => {
    expect(copyText(entries)).toBe('bad\n100%\n● pod deleted\na\u202eb\tc … 1,200 bytes cut\n');
  });

  it('has times and sources when asked for', () => {
    expect(copyText(entries.slice(0, 3), { timestamps: true, source: true })).toBe(
      '2026-11-20T23:16:57.856Z web-1 app bad\n2026-11-20T23:16:58Z web-1 100%\n2026-11-20T23:16:59Z ● pod deleted\n',
    );
  });

  it('is nothing of nothing', () => {
    expect(copyText([])).toBe('');
  });
});

describe('the name of a download', () => {
  it.each([
    ['runtime:web', 'log', 'runtime-web-20261120T231657Z.log'],
    ['build:web-42', 'ndjson', 'build-web-42-20261120T231657Z.ndjson'],
    ['../:/etc', 'log', 'etc-20261120T231657Z.log'],
  ] as const)('of %s as %s', (stream, format, name) => {
    expect(downloadName(stream, format, new Date('2026-11-20T23:16:57.856Z'))).toBe(name);
  });
});
