import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { RecordedOutput } from '../testing/recorded-output.ts';
import { BuildGraph } from './build-graph.ts';
import type { SolveStatus, Vertex } from './solve-status.ts';

const at = (second: number) => `2026-11-20T10:00:${String(second).padStart(2, '0')}.123456789Z`;
const vertex = (name: string, more: Partial<Vertex> = {}): SolveStatus => ({
  vertexes: [{ digest: `sha256:${name}`, name, started: at(1), ...more }],
});
const log = (name: string, text: string, stream = 1): SolveStatus => ({
  logs: [{ vertex: `sha256:${name}`, stream, data: Buffer.from(text).toString('base64'), timestamp: at(2) }],
});

describe('BuildGraph', () => {
  let output: RecordedOutput;
  let graph: BuildGraph;
  beforeEach(() => {
    output = new RecordedOutput();
    graph = new BuildGraph(output);
  });
  afterEach(() => graph.end('succeeded'));

  const told = () =>
    output.events.map((event) => (event.type === 'build-step' ? `${event.step} ${event.status}` : event.type));

  it('numbers steps as they start, not as they are known', () => {
    graph.take({ vertexes: [{ digest: 'sha256:later', name: 'later' }] });
    graph.take(vertex('first'));
    graph.take(vertex('later'));
    expect(output.events).toMatchObject([
      { step: 1, name: 'first', status: 'started' },
      { step: 2, name: 'later', status: 'started' },
    ]);
  });

  it('tells one end of a step that is done and begins again at once, by its last run', () => {
    graph.take(vertex('a'));
    graph.take(vertex('a', { completed: at(1) }));
    graph.take(vertex('a', { started: at(2) }));
    graph.take(vertex('a', { started: at(2), completed: '2026-11-20T10:00:03.123957789Z' }));
    graph.take(vertex('a', { started: at(2), completed: '2026-11-20T10:00:03.123957789Z' }));
    graph.take(vertex('b'));
    expect(told()).toEqual(['1 started', '1 succeeded', '2 started']);
    expect(output.events[1]).toMatchObject({ durationMs: 1_000.501 });
  });

  it('says of what was there already only that', () => {
    graph.take(vertex('a', { completed: at(1), cached: true }));
    graph.end('succeeded');
    expect(told()).toEqual(['1 cached']);
  });

  it('takes the last lines of a step before it tells its end, and lets outputs not mix', () => {
    graph.take(vertex('a'));
    graph.take(log('a', 'half '));
    graph.take(log('a', 'error\n', 2));
    graph.take(log('a', 'line'));
    graph.take(vertex('a', { completed: at(3), error: 'process did not complete successfully: exit code: 3' }));
    expect(output.all.map((item) => ('message' in item ? `${item.stream} ${item.message}` : item.type))).toEqual([
      'build-step',
      'stderr error',
      'stderr ERROR: process did not complete successfully: exit code: 3',
      'stdout half line',
      'build-step',
    ]);
    expect(graph.failure).toMatchObject({ step: 1, name: 'a', lastWords: 'error' });
  });

  it('takes a step that BuildKit stops because another failed as cancelled', () => {
    graph.take(vertex('a', { completed: at(2), error: 'rpc error: code = Canceled desc = context canceled' }));
    expect(told()).toEqual(['1 started', '1 cancelled']);
    expect(graph.failure).toBeUndefined();
  });

  it('ends what still runs as the build ended', () => {
    graph.take(vertex('a'));
    graph.end('cancelled');
    expect(told()).toEqual(['1 started', '1 cancelled']);
  });

  it('shows several vertexes of one group as one step', () => {
    const progressGroup = { id: 'g', name: 'COPY --link a b' };
    graph.take(vertex('x', { progressGroup }));
    graph.take(vertex('y', { progressGroup }));
    graph.end('succeeded');
    expect(output.events).toMatchObject([
      { step: 1, name: 'COPY --link a b', status: 'started' },
      { step: 1, status: 'succeeded' },
    ]);
  });

  it('says what BuildKit has against a line', () => {
    graph.take(vertex('a'));
    const short = Buffer.from('JSONArgsRecommended: use JSON').toString('base64');
    graph.take({
      warnings: [{ vertex: 'sha256:a', short, url: 'https://docs.docker.com/x', range: [{ start: { line: 3 } }] }],
    });
    expect(output.messages('stderr')).toEqual([
      'WARN: JSONArgsRecommended: use JSON (line 3) https://docs.docker.com/x',
    ]);
  });

  it.each(['2MiB', '200KiB/s'])('says that output is lost where BuildKit clips it at %s', (limit) => {
    graph.take(vertex('a'));
    graph.take(log('a', `kept\n[output clipped, log limit ${limit} reached]\n`));
    expect(output.events.at(-1)).toMatchObject({
      type: 'lost',
      reason: expect.stringContaining('BUILDKIT_STEP_LOG_MAX_SIZE'),
    });
  });
});
