/**
 * A name for a file of a stream's lines, that every file system takes and that sorts by time:
 * `runtime-web-20261120T231657Z.log`.
 */
export function downloadName(stream: string, format: 'log' | 'ndjson', at: Date): string {
  const name = stream.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[.-]+/, '');
  const time = at.toISOString().replace(/[-:]|\.\d+/g, '');
  return `${name}-${time}.${format}`;
}
