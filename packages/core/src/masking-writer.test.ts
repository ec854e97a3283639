import { describe, expect, it } from '@jest/globals';
import type { LogEvent } from '@kubidu/contracts';
import { LIMITS } from '@kubidu/contracts';
import { ManualClock, eventually, seededRandom } from '@kubidu/testing';

import { LineFramer } from './line-framer.ts';
import type { SourceLine, SourceWriter } from './log-source.ts';
import { Masker } from './mask/masker.ts';
import { secretForms } from './mask/secret-forms.ts';
import { MaskingWriter } from './masking-writer.ts';

const TIME = '2026-11-21T00:00:00Z';
const SECRET = 'correct-horse-battery';

const lines = (...messages: string[]): SourceLine[] => messages.map((message) => ({ timestamp: TIME, message }));

/** Keeps what it is given. */
class Recorder implements SourceWriter {
  readonly calls: { messages: string[]; cursor: string; stream?: string; step?: number }[] = [];
  readonly given: SourceLine[] = [];
  readonly events: LogEvent[] = [];

  get messages(): string[] {
    return this.given.map(({ message }) => message);
  }
  lines(given: readonly SourceLine[], cursor: string, stream?: 'stdout' | 'stderr', step?: number): void {
    this.given.push(...given);
    const messages = given.map(({ message }) => message);
    this.calls.push({ messages, cursor, ...(stream && { stream }), ...(step !== undefined && { step }) });
  }
  event(event: LogEvent, cursor: string): void {
    this.events.push(event);
    this.calls.push({ messages: [event.type], cursor });
  }
  async ready(): Promise<void> {}
  async flush(): Promise<void> {}
}

interface Fixture extends AsyncDisposable {
  readonly recorder: Recorder;
  readonly clock: ManualClock;
  readonly writer: MaskingWriter;
}

function masking(...secrets: string[]): Fixture {
  const recorder = new Recorder();
  const clock = new ManualClock();
  const writer = new MaskingWriter({ writer: recorder, masker: new Masker({ secrets }), clock });
  return { recorder, clock, writer, [Symbol.asyncDispose]: () => writer.close() };
}

describe('a secret over two lines', () => {
  it('is masked in both, since the first waits for the second', async () => {
    await using fixture = masking(SECRET);
    const { writer, recorder, clock } = fixture;
    writer.lines(lines('one', 'it is correct-horse'), 'a', 'stdout');
    expect(recorder.calls).toEqual([]);
    expect(clock.sleeping).toBe(1);
    writer.lines(lines('-battery, you see'), 'b', 'stdout');
    expect(recorder.calls).toEqual([
      { messages: ['one', 'it is ***'], cursor: 'a', stream: 'stdout' },
      { messages: ['***, you see'], cursor: 'b', stream: 'stdout' },
    ]);
    expect(clock.sleeping).toBe(0);
  });

  it('that turns out to be none is left as it is', async () => {
    await using fixture = masking(SECRET);
    const { writer, recorder } = fixture;
    writer.lines(lines('correct-horse'), 'a');
    writer.lines(lines(' and carriage'), 'b');
    expect(recorder.messages).toEqual(['correct-horse', ' and carriage']);
  });

  it.each([
    { what: '100 ms', decide: async ({ clock }: Fixture) => clock.advance(100) },
    { what: 'a flush', decide: ({ writer }: Fixture) => writer.flush() },
    { what: 'a close', decide: ({ writer }: Fixture) => writer.close() },
    { what: 'an event', decide: async ({ writer }: Fixture) => writer.event({ type: 'pod-deleted' }, 'e') },
    {
      what: '1 MiB behind it',
      decide: async ({ writer }: Fixture) => writer.lines(lines('x'.repeat(1024 * 1024)), 'x', 'stderr'),
    },
  ])('goes on after $what, its beginning masked, and so is its end if that comes', async ({ decide }) => {
    await using fixture = masking(SECRET);
    const { writer, recorder } = fixture;
    writer.lines(lines('it is correct-horse'), 'a', 'stdout');
    await decide(fixture);
    await eventually(() => recorder.messages.length > 0);
    expect(recorder.messages[0]).toBe('it is ***');
    writer.lines(lines('-battery, you see'), 'b', 'stdout');
    expect(recorder.messages.at(-1)).toBe('***, you see');
  });

  it('shows three characters at most, where nothing follows in time', async () => {
    await using fixture = masking(SECRET);
    const { writer, recorder } = fixture;
    writer.lines(lines('cor'), 'a');
    await writer.flush();
    writer.lines(lines('rect-horse-battery'), 'b');
    writer.lines(lines('corr'), 'c');
    await writer.flush();
    expect(recorder.messages).toEqual(['cor', '***', '***']);
  });

  it('is not put together of two outputs, or of two steps', async () => {
    await using fixture = masking(SECRET);
    const { writer, recorder } = fixture;
    const [begin, end] = ['it is correct-horse', '-battery, you see'];
    writer.lines(lines(begin), 'a', 'stdout', 1);
    writer.lines(lines(end), 'b', 'stderr', 1);
    writer.lines(lines(end), 'c', 'stdout', 2);
    expect(recorder.calls).toEqual([]);
    writer.lines(lines(end), 'd', 'stdout', 1);
    expect(recorder.calls).toEqual([
      { messages: ['it is ***'], cursor: 'a', stream: 'stdout', step: 1 },
      { messages: [end], cursor: 'b', stream: 'stderr', step: 1 },
      { messages: [end], cursor: 'c', stream: 'stdout', step: 2 },
      { messages: ['***, you see'], cursor: 'd', stream: 'stdout', step: 1 },
    ]);
  });

  it('waits 100 ms from its own beginning, also behind another', async () => {
    await using fixture = masking(SECRET);
    const { writer, recorder, clock } = fixture;
    writer.lines(lines('correct'), 'a', 'stdout');
    clock.advance(60);
    writer.lines(lines('horse, correct'), 'b', 'stderr');
    writer.lines(lines('!'), 'c', 'stdout');
    expect(recorder.messages).toEqual(['correct']);
    expect(clock.nextMs).toBe(100);
    clock.advance(100);
    await eventually(() => recorder.messages.length === 3);
    expect(recorder.messages).toEqual(['correct', 'horse, ***', '!']);
  });
});

describe('a line that was cut', () => {
  it('ends with no beginning of a secret, and keeps what it says of the cut', async () => {
    await using fixture = masking(SECRET);
    const { writer, recorder } = fixture;
    writer.lines([{ timestamp: TIME, message: 'it is correct-horse', truncated: 17 }], 'a');
    writer.lines(lines('-battery'), 'b');
    expect(recorder.given).toEqual([
      { timestamp: TIME, message: 'it is ***', truncated: 17 },
      { timestamp: TIME, message: '-battery' },
    ]);
  });

  it('is cut again where the mask is longer than what it masks', async () => {
    await using fixture = masking(SECRET);
    const { writer, recorder } = fixture;
    const full = 'x'.repeat(LIMITS.messageBytes - 2);
    writer.lines(lines(`${full}co`, SECRET.slice(2)), 'a');
    expect(recorder.given).toEqual([
      { timestamp: TIME, message: `${full}**`, truncated: 1 },
      { timestamp: TIME, message: '***' },
    ]);
  });
});

describe('what needs no mask', () => {
  it('is passed on as it came, the very same lines', async () => {
    await using fixture = masking();
    const { writer } = fixture;
    const given = lines('GET https://example.com/', 'done');
    const seen: unknown[] = [];
    fixture.recorder.lines = (passed) => void seen.push(passed);
    writer.lines(given, 'a', 'stdout');
    expect(seen).toEqual([given]);
    expect(seen[0]).toBe(given);
  });

  it('waits for nothing where no secret was given', async () => {
    await using fixture = masking();
    const { writer, recorder, clock } = fixture;
    for (const message of ['ghp_', 'eyJ', '-----BEGIN', 'https://u:p']) writer.lines(lines(message), message);
    expect(recorder.messages).toEqual(['ghp_', 'eyJ', '-----BEGIN', 'https://u:p']);
    expect(clock.sleeping).toBe(0);
  });
});

describe('events', () => {
  it.each<{ event: LogEvent; masked: LogEvent }>([
    {
      event: { type: 'build-step', step: 1, name: `RUN login ${SECRET}`, status: 'started' },
      masked: { type: 'build-step', step: 1, name: 'RUN login ***', status: 'started' },
    },
    {
      event: { type: 'build-finished', status: 'succeeded', image: `r/${SECRET}` },
      masked: { type: 'build-finished', status: 'succeeded', image: 'r/***' },
    },
    {
      event: { type: 'container-started', image: `r/${SECRET}` },
      masked: { type: 'container-started', image: 'r/***' },
    },
    { event: { type: 'lost', reason: `no ${SECRET}` }, masked: { type: 'lost', reason: 'no ***' } },
    {
      event: { type: 'container-exited', exitCode: 1, reason: SECRET, restart: 0 },
      masked: { type: 'container-exited', exitCode: 1, reason: '***', restart: 0 },
    },
    { event: { type: 'pod-deleted' }, masked: { type: 'pod-deleted' } },
    { event: { type: 'release', deploymentId: 'd1' }, masked: { type: 'release', deploymentId: 'd1' } },
  ])('are masked: $event.type', async ({ event, masked }) => {
    await using fixture = masking(SECRET);
    fixture.writer.event(event, 'a');
    expect(fixture.recorder.events).toEqual([masked]);
  });
});

// No star: so a mask in the output can be told from the text.
const ALPHABET = `ABCdef0123456789+/=-_ !"'$\`\\#%&<>äß€😀;,:@{}[]()|~`;

function text(random: () => number, length: number): string {
  const characters = [...ALPHABET];
  let made = '';
  while (made.length < length) made += characters[Math.floor(random() * characters.length)];
  return made;
}

/** Secrets, some with several lines, and a text with many of their forms in it, whole and in part. */
function scene(random: () => number): { secrets: string[]; whole: string } {
  const secrets = Array.from({ length: 1 + Math.floor(random() * 4) }, () => {
    const line = () => text(random, 4 + Math.floor(random() * 24));
    return random() < 0.3 ? [line(), line(), line()].join('\n') : line();
  });
  const forms = [...secretForms(secrets)];
  let whole = '';
  for (let pieces = 0; pieces < 8; pieces++) {
    const form = forms[Math.floor(random() * forms.length)] ?? '';
    const part = random() < 0.3 ? form.slice(0, Math.floor(random() * form.length)) : form;
    whole += text(random, Math.floor(random() * 12)) + part;
  }
  return { secrets, whole: whole.toWellFormed() };
}

/** Line breaks anywhere, several of them in one place too, save within a surrogate pair, which no encoder tears. */
function broken(random: () => number, whole: string): string[] {
  const breaks = Array.from({ length: random() * 0.1 * whole.length }, () => Math.floor(random() * whole.length));
  breaks.sort((a, b) => a - b);
  const places = breaks.filter((at) => !/[\udc00-\udfff]/.test(whole.charAt(at)));
  return [...places, whole.length].map((end, index) => whole.slice(places[index - 1] ?? 0, end));
}

/** Forms, and every beginning of one. */
class Forms {
  readonly all: readonly string[];
  readonly beginnings: ReadonlySet<string>;
  readonly longest: number;

  constructor(secrets: readonly string[]) {
    this.all = [...secretForms(secrets)];
    this.beginnings = new Set(
      this.all.flatMap((form) => Array.from({ length: form.length }, (_, at) => form.slice(0, at))),
    );
    this.longest = Math.max(...this.all.map(({ length }) => length));
  }
}

/** Which characters of all lines put together belong to a form, found the slow way; and whether a line's end begins one. */
class Oracle {
  readonly #forms: Forms;
  readonly #lines: readonly string[];
  readonly #joined: string;
  /** Where each line ends. */
  readonly ends: readonly number[];

  constructor(forms: Forms, given: readonly string[]) {
    this.#forms = forms;
    this.#lines = given;
    this.#joined = given.join('');
    let end = 0;
    this.ends = given.map((line) => (end += line.length));
  }

  /** Each occurrence of each form, overlapping ones too. */
  *occurrences(): Iterable<readonly [begin: number, end: number]> {
    for (const form of this.#forms.all)
      for (let at = this.#joined.indexOf(form); at >= 0; at = this.#joined.indexOf(form, at + 1))
        yield [at, at + form.length];
  }

  /** How many characters before `end` are the beginning of a form. */
  begun(end: number): number {
    for (let length = Math.min(this.#forms.longest, end); length > 0; length--)
      if (this.#forms.beginnings.has(this.#joined.slice(end - length, end))) return length;
    return 0;
  }

  /** The lines with what is covered masked. */
  masked(covered: Uint8Array): string[] {
    return this.#lines.map((line, index) => {
      const from = (this.ends[index] ?? 0) - line.length;
      let made = '';
      for (let at = 0; at < line.length; at++)
        if (!covered[from + at]) made += line[at];
        else if (at === 0 || !covered[from + at - 1]) made += '***';
      return made;
    });
  }

  covered(): Uint8Array {
    return new Uint8Array(this.#joined.length);
  }
}

/** What becomes of the bytes, in pieces of random length through a framer, given in calls of random length. */
async function maskedBytes(bytes: Buffer, masker: Masker, random: () => number): Promise<string[]> {
  const recorder = new Recorder();
  await using writer = new MaskingWriter({ writer: recorder, masker, clock: new ManualClock() });
  const framer = new LineFramer();
  let taken: SourceLine[] = [];
  const take = (message: string) => void taken.push({ timestamp: TIME, message });
  const give = () => {
    if (taken.length > 0) writer.lines(taken, 'cursor', 'stdout');
    taken = [];
  };
  for (let at = 0; at < bytes.length;) {
    const end = at + 1 + Math.floor(random() * 40);
    framer.push(bytes.subarray(at, end), take);
    at = end;
    if (random() < 0.7) give();
  }
  framer.end(take);
  give();
  await writer.flush();
  return recorder.messages;
}

describe('random secrets in random texts', () => {
  const SCENES = 100;
  const SPLITS = 100;

  it('are masked in every form, however chunks and lines are split, and nothing else is', async () => {
    const seed = Math.floor(Math.random() * 2 ** 32);
    const random = seededRandom(seed);
    for (let round = 0; round < SCENES; round++) {
      const { secrets, whole } = scene(random);
      const masker = new Masker({ secrets });
      const forms = new Forms(secrets);
      for (let split = 0; split < SPLITS; split++) {
        const given = [...broken(random, whole), 'end!?'];
        const oracle = new Oracle(forms, given);
        const covered = oracle.covered();
        const ends = new Set(oracle.ends);
        for (const [begin, end] of oracle.occurrences()) {
          // A line does not wait for the next for the sake of one character.
          const shown = ends.has(begin + 1) && oracle.begun(begin + 1) < 2 ? 1 : 0;
          covered.fill(1, begin + shown, end);
        }
        const found = await maskedBytes(Buffer.from(given.map((line) => `${line}\n`).join('')), masker, random);
        const expected = oracle.masked(covered);
        if (found.join('\n') !== expected.join('\n'))
          expect({ seed, round, split, secrets, given, found }).toEqual({ seed, found: expected });
      }
    }
  });

  it('show three characters at most where lines do not come in time', async () => {
    const seed = Math.floor(Math.random() * 2 ** 32);
    const random = seededRandom(seed);
    for (let round = 0; round < SCENES; round++) {
      const { secrets, whole } = scene(random);
      await using fixture = masking(...secrets);
      const given = [...broken(random, whole), 'end!?'];
      const oracle = new Oracle(new Forms(secrets), given);
      for (const message of given) {
        fixture.writer.lines(lines(message), 'cursor');
        await fixture.writer.flush();
      }
      const covered = oracle.covered();
      for (const [index, end] of oracle.ends.entries()) {
        const begun = oracle.begun(end);
        if (begun >= 4) covered.fill(1, Math.max(end - begun, oracle.ends[index - 1] ?? 0), end);
      }
      for (const [begin, end] of oracle.occurrences()) {
        const shown = oracle.ends.filter((at) => at > begin && at < end && oracle.begun(at) < 4);
        covered.fill(1, Math.max(begin, ...shown), end);
      }
      const found = fixture.recorder.messages;
      expect({ seed, round, secrets, given, found }).toEqual({
        seed,
        round,
        secrets,
        given,
        found: oracle.masked(covered),
      });
    }
  });
});
