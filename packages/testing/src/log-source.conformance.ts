import { describe, expect, it } from '@jest/globals';
import type { LogSource, SourceCapabilities } from '@kubidu/core';
import { LIMITS } from '@kubidu/contracts';

import { eventually } from './eventually.ts';
import { numberedLinesScript } from './numbered-lines.ts';
import { judge } from './oracle.ts';
import { RecordingSink } from './recording-sink.ts';

/** What a scenario runs. */
export interface LogSourceWork {
  /**
   * For `sh -c`: busybox's or any other. It finds `$KUBIDU_POD_NAME`, its pod's name, and `$SCRATCH`, a folder of its pod
   * that outlives restarts. When it ends, the same pod runs it again, its restart one higher.
   */
  readonly script: string;
  readonly replicas: number;
}

/** A service that runs, and the source that sees it, started. Disposing ends both. */
export interface LogSourceScenario extends AsyncDisposable {
  readonly source: LogSource;
  readonly serviceId: string;
  /** Ends the service's pods from outside, as an orderly stop does. Resolves once that is under way. */
  stop(): Promise<void>;
}

/** What differs between sources: what they say of themselves, and what the suite has to know beside that. */
export interface LogSourceCapabilities extends SourceCapabilities {
  /** Tells stdout from stderr. */
  readonly separatesOutputs: boolean;
}

/** An adapter as the suite sees it. */
export interface LogSourceAdapter {
  readonly capabilities: LogSourceCapabilities;
  open(work: LogSourceWork): Promise<LogSourceScenario>;
  /** Until pods run and lines come; default 10,000. */
  readonly timeoutMs?: number;
  /** Of tables of bytes and sizes only some rows: where each takes seconds, and another adapter runs them all. */
  readonly brief?: boolean;
}

/** Stays alive quietly, and goes at once when asked. */
const IDLE = 'trap "exit 0" TERM; while :; do sleep 0.2; done';

/** Runs its first part on the pod's first start only. */
const onceThenIdle = (first: string) =>
  `if [ ! -e "$SCRATCH/ran" ]; then : > "$SCRATCH/ran"; ${first}; else ${IDLE}; fi`;

/** What every {@link LogSource} promises, checked on a real one. */
export function describeLogSource(name: string, adapter: LogSourceAdapter): void {
  const { capabilities, open, timeoutMs = 10_000, brief = false } = adapter;
  const rows = <Row>(all: readonly Row[]): readonly Row[] => all.filter((_, at) => !brief || at % 4 === 0);
  const within = { timeoutMs };

  /** Follows from now on; ends and awaits that when disposed. */
  async function following(scenario: LogSourceScenario, sink = new RecordingSink()) {
    const abort = new AbortController();
    await eventually(
      () => scenario.source.services().some(({ serviceId }) => serviceId === scenario.serviceId),
      within,
    );
    const ended = scenario.source.follow(scenario.serviceId, sink, abort.signal);
    let failed: unknown;
    const watched = ended.catch((error: unknown) => (failed = error));
    return {
      sink,
      ended,
      [Symbol.asyncDispose]: async () => {
        abort.abort();
        await watched;
        expect(failed).toBeUndefined();
      },
    };
  }

  describe(`${name} as a LogSource`, () => {
    it(
      'hands over every line of every replica, in its order and with its pod',
      async () => {
        const lines = 20_000;
        const script = onceThenIdle(`${numberedLinesScript(lines, { writer: '$KUBIDU_POD_NAME' })}; ${IDLE}`);
        await using scenario = await open({ script, replicas: 3 });
        await using follow = await following(scenario);
        const { sink } = follow;
        await eventually(() => sink.lines().length >= 3 * lines, within);
        const pods = [...new Set(sink.lines().map(({ podName = '' }) => podName))];
        const written = pods.map((podName) => ({ writer: podName, podName, lines, restart: 0 }));
        expect(judge(sink.entries, written).report).toBe('complete: 60,000 lines of 3 writers');
        expect(sink.mostLines).toBeLessThanOrEqual(500);
      },
      timeoutMs * 3,
    );

    it(
      'tells that a container started, before its lines, and how it ended, after its last one, with the restart of each',
      async () => {
        const script = [
          'n=$(cat "$SCRATCH/n" 2>/dev/null || echo 0); echo $((n + 1)) > "$SCRATCH/n"',
          `[ "$n" -ge 2 ] && { echo last; ${IDLE}; }`,
          // A runtime copies both outputs side by side, and what comes behind an unfinished line becomes part of it.
          'echo "life $n begins"; echo "life $n fails" >&2; sleep 0.3; printf "life $n ends"; exit $((n * 7))',
        ].join('\n');
        await using scenario = await open({ script, replicas: 1 });
        await using follow = await following(scenario);
        const { sink } = follow;
        await eventually(() => sink.messages().includes('last'), within);
        const told = sink.entries.map(({ message, event, restart }) => [
          event?.type === 'container-exited' ? [event.exitCode, event.reason, event.restart] : message,
          restart,
        ]);
        const first = told.filter(([, restart]) => restart === 0);
        expect(told.slice(0, first.length)).toEqual(first);
        expect(first.at(0)).toEqual(['container-started', 0]);
        expect(first.slice(1, -1).sort()).toEqual([
          ['life 0 begins', 0],
          ['life 0 ends', 0],
          ['life 0 fails', 0],
        ]);
        expect(first.at(-1)).toEqual([[0, 'Completed', 0], 0]);
        const second = told.filter(([, restart]) => restart === 1);
        expect(second.at(0)).toEqual(['container-started', 1]);
        expect(second.at(-1)).toEqual([[7, 'Error', 1], 1]);
        expect(told.slice(-2)).toEqual([
          ['container-started', 2],
          ['last', 2],
        ]);
      },
      timeoutMs * 6,
    );

    it(
      'hands over a pod’s last words when it is stopped',
      async () => {
        const script = 'trap "echo goodbye; exit 3" TERM; echo hello; while :; do sleep 0.1; done';
        await using scenario = await open({ script, replicas: 1 });
        await using follow = await following(scenario);
        const { sink } = follow;
        await eventually(() => sink.messages().includes('hello'), within);
        await scenario.stop();
        await eventually(() => sink.events('container-exited').length === 1, within);
        // Some shells say themselves that what they waited for was ended.
        expect(sink.messages().filter((message) => message !== 'Terminated')).toEqual(['hello', 'goodbye']);
        expect(sink.events('container-exited')[0]?.event).toMatchObject({ exitCode: 3, reason: 'Error', restart: 0 });
        expect(sink.entries.findLastIndex(({ message }) => message === 'goodbye')).toBeLessThan(
          sink.entries.findIndex(({ event }) => event?.type === 'container-exited'),
        );
      },
      timeoutMs * 6,
    );

    it.each(
      rows([
        { bytes: 'an empty line', script: 'echo', messages: [''] },
        { bytes: 'no line feed at the end', script: 'printf "a\\nb"', messages: ['a', 'b'] },
        { bytes: 'CRLF', script: 'printf "a\\r\\nb\\r\\n"', messages: ['a', 'b'] },
        { bytes: 'a carriage return inside', script: 'printf "10%%\\r20%%\\n"', messages: ['10%\r20%'] },
        { bytes: 'NUL', script: 'printf "a\\000b\\n"', messages: ['a\0b'] },
        { bytes: 'invalid UTF-8', script: 'printf "a\\377\\376b\\n"', messages: ['a\uFFFD\uFFFDb'] },
        {
          bytes: 'characters of several bytes',
          script: 'printf "\\303\\244 \\342\\202\\254 \\360\\237\\220\\263\\n"',
          messages: ['ä € 🐳'],
        },
        { bytes: 'colours', script: 'printf "\\033[31mred\\033[0m\\n"', messages: ['\u001b[31mred\u001b[0m'] },
        {
          bytes: 'what looks like a time',
          script: 'echo 2026-11-20T23:16:57.856942694Z hello',
          messages: ['2026-11-20T23:16:57.856942694Z hello'],
        },
      ]),
    )(
      'hands over $bytes as written',
      async ({ script, messages }) => {
        await using scenario = await open({ script: onceThenIdle(script), replicas: 1 });
        await using follow = await following(scenario);
        const { sink } = follow;
        await eventually(() => sink.events('container-exited').length === 1, within);
        expect(sink.messages()).toEqual(messages);
      },
      timeoutMs * 3,
    );

    it.each(rows([16_383, 16_384, 16_385, LIMITS.messageBytes, LIMITS.messageBytes + 1, 1_000_000, 10_000_000]))(
      'hands over a line of %d bytes, cut where that is too long',
      async (bytes) => {
        const long = `head -c ${bytes} /dev/zero | tr "\\000" x; echo; echo behind`;
        await using scenario = await open({ script: onceThenIdle(long), replicas: 1 });
        await using follow = await following(scenario);
        const { sink } = follow;
        await eventually(() => sink.events('container-exited').length === 1, within);
        const [line, behind] = sink.lines();
        expect(line?.message.length).toBe(Math.min(bytes, LIMITS.messageBytes));
        expect(line?.truncated ?? 0).toBe(Math.max(0, bytes - LIMITS.messageBytes));
        expect(behind?.message).toBe('behind');
      },
      timeoutMs * 3,
    );

    it(
      'stamps lines with times in UTC that do not go back',
      async () => {
        const before = new Date(Date.now() - 5_000).toISOString();
        await using scenario = await open({
          script: onceThenIdle('for i in 1 2 3 4 5; do echo $i; done'),
          replicas: 1,
        });
        await using follow = await following(scenario);
        const { sink } = follow;
        await eventually(() => sink.events('container-exited').length === 1, within);
        const times = sink.lines().map(({ timestamp = '' }) => timestamp);
        for (const time of times) expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,9}Z$/);
        expect(times).toEqual([...times].sort());
        expect((times[0] ?? '') > before).toBe(true);
      },
      timeoutMs * 3,
    );

    if (capabilities.separatesOutputs)
      it(
        'keeps both outputs apart, each complete and in its order',
        async () => {
          const out = numberedLinesScript(5_000, { writer: '$KUBIDU_POD_NAME:out' });
          const err = numberedLinesScript(5_000, { writer: '$KUBIDU_POD_NAME:err' });
          await using scenario = await open({ script: onceThenIdle(`${out} & ${err} >&2; wait`), replicas: 1 });
          await using follow = await following(scenario);
          const { sink } = follow;
          await eventually(() => sink.events('container-exited').length === 1, within);
          const podName = sink.entries[0]?.podName ?? '';
          const written = [
            { writer: `${podName}:out`, lines: 5_000, stream: 'stdout' },
            { writer: `${podName}:err`, lines: 5_000, stream: 'stderr' },
          ] as const;
          expect(judge(sink.entries, written).report).toBe('complete: 10,000 lines of 2 writers');
        },
        timeoutMs * 3,
      );

    it(
      'loses nothing to a sink that is not ready for a while',
      async () => {
        const lines = 50_000;
        const script = onceThenIdle(numberedLinesScript(lines, { writer: '$KUBIDU_POD_NAME' }));
        await using scenario = await open({ script, replicas: 1 });
        await using follow = await following(scenario);
        const { sink } = follow;
        await eventually(() => sink.lines().length > 0, within);
        const release = sink.hold();
        const held = sink.lines().length;
        // As long as something still comes: a source may hand over what it has read, but no more.
        let before = -1;
        await eventually(() => before === (before = sink.lines().length), { ...within, everyMs: 200 });
        expect(before - held).toBeLessThan(10_000);
        release();
        await eventually(() => sink.events('container-exited').length === 1, within);
        const podName = sink.entries[0]?.podName ?? '';
        expect(judge(sink.entries, [{ writer: podName, lines }]).report).toBe('complete: 50,000 lines of 1 writers');
      },
      timeoutMs * 3,
    );

    it(
      'ends a follow whose sink fails, with what it failed with',
      async () => {
        await using scenario = await open({ script: `echo hello; ${IDLE}`, replicas: 1 });
        const sink = new RecordingSink();
        sink.fail();
        await eventually(() => scenario.source.services().length > 0, within);
        const follow = scenario.source.follow(scenario.serviceId, sink, new AbortController().signal);
        await expect(follow).rejects.toMatchObject({ code: 'CONFLICT' });
      },
      timeoutMs * 3,
    );

    it(
      'ends a follow when asked, and hands over nothing more',
      async () => {
        await using scenario = await open({ script: 'while :; do echo x; sleep 0.05; done', replicas: 2 });
        const { sink, ...follow } = await following(scenario);
        await eventually(() => sink.lines().length > 4, within);
        await follow[Symbol.asyncDispose]();
        const handed = sink.entries.length;
        let looks = 0;
        await eventually(() => ++looks > 5, { everyMs: 50 });
        expect(sink.entries.length).toBe(handed);
      },
      timeoutMs * 3,
    );

    it(
      'goes on after a follow where the one before stopped',
      async () => {
        const lines = 2_000;
        const writer = numberedLinesScript(lines, { writer: '$KUBIDU_POD_NAME', perSecond: 1_000 });
        await using scenario = await open({ script: onceThenIdle(writer), replicas: 1 });
        const sink = new RecordingSink();
        for (const part of [0, 500]) {
          await using follow = await following(scenario, sink);
          await eventually(() => follow.sink.lines().length > part, within);
        }
        await using follow = await following(scenario, sink);
        await eventually(() => follow.sink.events('container-exited').length === 1, within);
        const podName = sink.entries[0]?.podName ?? '';
        expect(judge(sink.entries, [{ writer: podName, lines }]).report).toBe('complete: 2,000 lines of 1 writers');
        expect(sink.events('container-started').filter(({ restart }) => restart === 0)).toHaveLength(1);
      },
      timeoutMs * 3,
    );

    it('says whether what it has is there to be read later', async () => {
      await using scenario = await open({ script: IDLE, replicas: 1 });
      expect(scenario.source.capabilities).toEqual({ rereadable: capabilities.rereadable });
    });

    if (capabilities.rereadable)
      it(
        'reads what was written before the follow',
        async () => {
          const script = onceThenIdle(`${numberedLinesScript(1_000, { writer: '$KUBIDU_POD_NAME' })}; ${IDLE}`);
          await using scenario = await open({ script, replicas: 1 });
          {
            await using follow = await following(scenario);
            await eventually(() => follow.sink.lines().length === 1_000, within);
          }
          await using follow = await following(scenario, new RecordingSink());
          await eventually(() => follow.sink.lines().length === 1_000, within);
        },
        timeoutMs * 3,
      );

    it(
      'says who writes, and lists them among its services',
      async () => {
        await using scenario = await open({ script: `echo hello; ${IDLE}`, replicas: 2 });
        await using follow = await following(scenario);
        const { sink } = follow;
        await eventually(() => sink.writing.filter(({ state }) => state === 'running').length === 2, within);
        const pods = sink.writing.map(({ podName }) => podName).sort();
        expect(new Set(pods).size).toBe(2);
        const service = scenario.source.services().find(({ serviceId }) => serviceId === scenario.serviceId);
        expect(
          service?.pods.map(({ podName, state, restart }) => ({ podName, state, restart })).sort(byPodName),
        ).toEqual(pods.map((podName) => ({ podName, state: 'running', restart: 0 })));
        expect(scenario.source.health().ok).toBe(true);
      },
      timeoutMs * 3,
    );
  });
}

function byPodName(a: { podName: string }, b: { podName: string }): number {
  return a.podName < b.podName ? -1 : 1;
}
