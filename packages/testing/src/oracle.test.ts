import { describe, expect, it } from '@jest/globals';

import { numberedLine, numberedLines, writerNumber } from './numbered-lines.ts';
import { judge, rawLines } from './oracle.ts';
import type { Received, Written } from './oracle.ts';
import { seededRandom } from './seeded-random.ts';

const WRITERS: Written[] = [
  { writer: 'web-1', lines: 400, podName: 'web-1', container: 'app', restart: 0 },
  { writer: 'web-2', lines: 300, podName: 'web-2', container: 'app', restart: 0 },
  { writer: 'web-2', lines: 200, podName: 'web-2', container: 'app', restart: 1 },
];

/** All lines of the writers, interleaved at random, each writer's in order (a restart after what was before). */
function completeRecord(random: () => number): Received[] {
  const [one, two, again] = WRITERS.map(({ writer, lines, podName, container, restart }) =>
    [...numberedLines(lines, writer)].map((message): Received => ({
      message,
      podName,
      container,
      restart,
      stream: 'stdout',
    })),
  ) as [Received[], Received[], Received[]];
  const queues = [one, [...two, ...again]];
  const record: Received[] = [];
  while (queues.some((queue) => queue.length > 0)) {
    const entry = queues[Math.floor(random() * queues.length)]?.shift();
    if (entry) record.push(entry);
  }
  return indexed(record);
}

function indexed(record: readonly Received[]): Received[] {
  return record.map((entry, at) => ({ ...entry, index: at + 1 }));
}

function lostEntry(podName: string, lines?: number): Received {
  return {
    message: 'lines lost',
    stream: 'system',
    podName,
    event: { type: 'lost', reason: 'rotated', ...(lines !== undefined && { lines }) },
  };
}

describe('the oracle', () => {
  it('finds a complete record complete', () => {
    expect(judge(completeRecord(seededRandom(1)), WRITERS, { after: 0, through: 900 })).toMatchObject({
      complete: true,
      honest: true,
      report: 'complete: 900 lines of 3 writers',
    });
  });

  it('finds raw output complete, whose lines bear no labels', () => {
    const writers = [
      { writer: 'web-1', lines: 2 },
      { writer: 'web-2', lines: 1 },
    ];
    const [a, b] = numberedLines(2, 'web-1');
    const [c] = numberedLines(1, 'web-2');
    expect(judge(rawLines(`${a}\n${c}\n${b}\n`), writers).report).toBe('complete: 3 lines of 2 writers');
  });

  it('says in words which lines of whom are missing', () => {
    const record = [...numberedLines(40_000, 'web-1')].map((message) => ({ message }));
    record.splice(20_887, 11_980);
    const verdict = judge(record, [{ writer: 'web-1', lines: 40_000 }]);
    expect(verdict.report).toBe('received 28,020 of 40,000 lines\nwriter web-1: lines 20,888–32,867 missing (11,980)');
    expect(verdict.holes).toEqual([{ writer: 'web-1', from: 20_888, to: 32_867 }]);
  });

  it('finds what is missing at either end', () => {
    const record = [...numberedLines(10, 'web-1')].slice(2, 8).map((message) => ({ message }));
    expect(judge(record, [{ writer: 'web-1', lines: 10 }]).holes).toEqual([
      { writer: 'web-1', from: 1, to: 2 },
      { writer: 'web-1', from: 9, to: 10 },
    ]);
  });

  it('counts a repeated run as one thing to report', () => {
    const record = [...numberedLines(20, 'web-1')].map((message) => ({ message }));
    record.splice(15, 0, ...record.slice(2, 15));
    const verdict = judge(record, [{ writer: 'web-1', lines: 20 }]);
    expect(verdict).toMatchObject({ repeats: 13, complete: false, honest: false });
    expect(verdict.report).toBe('received 33 of 20 lines, 13 repeated\nwriter web-1: lines 3–15 repeated');
  });

  it.each([
    { said: 'no number', lines: undefined, honest: true },
    { said: 'as many as are missing', lines: 3, honest: true },
    { said: 'more than are missing', lines: 10, honest: true },
    { said: 'fewer than are missing', lines: 2, honest: false },
  ])('with a lost entry in the place of a hole that gives $said is honest: $honest', ({ lines, honest }) => {
    const record: Received[] = [...numberedLines(10, 'web-1')].map((message) => ({ message, podName: 'web-1' }));
    record.splice(4, 3, lostEntry('web-1', lines));
    const verdict = judge(indexed(record), [{ writer: 'web-1', lines: 10 }]);
    expect(verdict).toMatchObject({ honest, complete: false });
    expect(honest ? verdict.lost : verdict.holes).toEqual([{ writer: 'web-1', from: 5, to: 7 }]);
  });

  it.each([
    { where: 'of another pod', at: 4, podName: 'web-2' },
    { where: 'before the hole', at: 2, podName: 'web-1' },
    { where: 'after it', at: 6, podName: 'web-1' },
  ])('takes no lost entry $where for an excuse', ({ at, podName }) => {
    const record: Received[] = [...numberedLines(10, 'web-1')].map((message) => ({ message, podName: 'web-1' }));
    record.splice(4, 3);
    record.splice(at, 0, lostEntry(podName));
    expect(judge(record, [{ writer: 'web-1', lines: 10 }])).toMatchObject({
      honest: false,
      holes: [{ writer: 'web-1', from: 5, to: 7 }],
    });
  });

  it('lets a gap pass that the reader was told, and no other', () => {
    const record = completeRecord(seededRandom(2));
    record.splice(100, 50);
    expect(judge(record, WRITERS, { gaps: [{ from: 101, to: 150 }] })).toMatchObject({ indexDefects: 0, honest: true });
    expect(judge(record, WRITERS, { gaps: [{ from: 101, to: 149 }] })).toMatchObject({
      indexDefects: 1,
      honest: false,
    });
    expect(judge(record, WRITERS)).toMatchObject({ indexDefects: 1, honest: false });
  });

  it.each([
    { ends: 'begins too late', options: { after: 0 }, cut: (record: Received[]) => record.slice(1) },
    { ends: 'ends too early', options: { through: 900 }, cut: (record: Received[]) => record.slice(0, -1) },
    { ends: 'ends too late', options: { through: 899 }, cut: (record: Received[]) => record },
  ])('finds a record that $ends', ({ options, cut }) => {
    expect(judge(cut(completeRecord(seededRandom(3))), WRITERS, options)).toMatchObject({
      indexDefects: 1,
      honest: false,
    });
  });

  it('lets a line pass that nobody numbered if told to', () => {
    const record = [
      { message: 'listening on :3000' },
      ...[...numberedLines(2, 'web-1')].map((message) => ({ message })),
    ];
    const written = [{ writer: 'web-1', lines: 2 }];
    expect(judge(record, written)).toMatchObject({ foreign: 1, honest: false });
    expect(judge(record, written, { ignore: (line) => line.startsWith('listening') }).complete).toBe(true);
  });

  it('finds a line beyond those written', () => {
    const record = [...numberedLines(3, 'web-1')].map((message) => ({ message }));
    expect(judge(record, [{ writer: 'web-1', lines: 2 }])).toMatchObject({ damaged: 1, honest: false });
  });

  it('catches every kind of mutation of a complete record', () => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    const random = seededRandom(seed);
    const pick = (below: number) => Math.floor(random() * below);
    const record = completeRecord(random);
    for (let round = 0; round < 1_000; round++) {
      const name = MUTATION_NAMES[round % MUTATION_NAMES.length] ?? 'drop';
      const mutated = MUTATIONS[name](record, pick);
      const verdict = judge(mutated, WRITERS, { after: 0, through: 900 });
      if (verdict.honest) throw new Error(`seed ${seed}, round ${round}: ${name} was not caught`);
      expect(verdict.report).not.toContain('complete');
    }
  });

  it('judges a million lines in seconds', () => {
    const lines = 1_000_000;
    const number = writerNumber('web-1');
    const record = (function* () {
      for (let seq = 1; seq <= lines; seq++)
        yield { index: seq, message: numberedLine(seq, number, 1_795_000_000, seq), podName: 'web-1' };
    })();
    const started = performance.now();
    expect(judge(record, [{ writer: 'web-1', lines, podName: 'web-1' }]).complete).toBe(true);
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});

type Mutation = (record: readonly Received[], pick: (below: number) => number) => Received[];

/** Ways to spoil a record. Those that renumber the indexes leave only the lines themselves to show it. */
const MUTATIONS = {
  drop: (record, pick) => indexed(record.toSpliced(pick(record.length), 1)),
  'drop a run': (record, pick) => indexed(record.toSpliced(pick(record.length - 20), 2 + pick(18))),
  'drop with its index': (record, pick) => record.toSpliced(pick(record.length), 1),
  repeat: (record, pick) => indexed(record.toSpliced(pick(record.length), 0, at(record, pick(record.length)))),
  'repeat with its index': (record, pick) => {
    const place = pick(record.length);
    return record.toSpliced(place, 0, at(record, place));
  },
  'swap two of one writer': (record, pick) => {
    const one = pick(record.length);
    const label = (entry: Received) => `${entry.podName} ${entry.restart}`;
    const same = record.flatMap((entry, place) =>
      place !== one && label(entry) === label(at(record, one)) ? [place] : [],
    );
    const other = at(same, pick(same.length));
    return indexed(record.with(one, at(record, other)).with(other, at(record, one)));
  },
  'swap two indexes': (record, pick) => {
    const place = pick(record.length - 1);
    const [a, b] = [at(record, place), at(record, place + 1)];
    return record.with(place, { ...a, index: b.index as number }).with(place + 1, { ...b, index: a.index as number });
  },
  'change a character': (record, pick) =>
    changed(record, pick, (message) => {
      const place = pick(message.length);
      const other = at(
        [...'0123456789|x'].filter((character) => character !== message[place]),
        pick(11),
      );
      return message.slice(0, place) + other + message.slice(place + 1);
    }),
  'cut the end': (record, pick) => changed(record, pick, (message) => message.slice(0, pick(message.length))),
  'add to the end': (record, pick) => changed(record, pick, (message) => `${message}${pick(10)}`),
  'glue two lines': (record, pick) => {
    const place = pick(record.length - 1);
    const [a, b] = [at(record, place), at(record, place + 1)];
    return indexed(record.toSpliced(place, 2, { ...a, message: a.message + b.message }));
  },
  'label another pod': (record, pick) => {
    const place = pick(record.length);
    const entry = at(record, place);
    return record.with(place, { ...entry, podName: entry.podName === 'web-1' ? 'web-2' : 'web-1' });
  },
  'label another restart': (record, pick) => {
    const place = pick(record.length);
    const entry = at(record, place);
    return record.with(place, { ...entry, restart: (entry.restart ?? 0) + 1 });
  },
  'put a stranger in': (record, pick) =>
    indexed(record.toSpliced(pick(record.length), 0, { message: 'failed to watch' })),
  'cut off the rest': (record, pick) => record.slice(0, pick(record.length)),
} satisfies Record<string, Mutation>;

const MUTATION_NAMES = Object.keys(MUTATIONS) as (keyof typeof MUTATIONS)[];

function changed(
  record: readonly Received[],
  pick: (below: number) => number,
  change: (message: string) => string,
): Received[] {
  const place = pick(record.length);
  const entry = at(record, place);
  return record.with(place, { ...entry, message: change(entry.message) });
}

function at<T>(values: readonly T[], place: number): T {
  const value = values[place];
  if (value === undefined) throw new Error(`nothing at ${place}`);
  return value;
}
