import { describe, expect, it } from '@jest/globals';

import { idOf, isId, kindOf, parseStreamId, STREAM_KINDS, streamId } from './stream-id.ts';

describe('the name of a stream', () => {
  it.each([
    { name: 'runtime:web', kind: 'runtime', id: 'web' },
    { name: 'build:8f3c2a', kind: 'build', id: '8f3c2a' },
    { name: 'job:nightly.2026-11-20', kind: 'job', id: 'nightly.2026-11-20' },
    { name: 'bot:a', kind: 'bot', id: 'a' },
    { name: 'runtime:0_-.x', kind: 'runtime', id: '0_-.x' },
    { name: `runtime:${'x'.repeat(128)}`, kind: 'runtime', id: 'x'.repeat(128) },
  ])('$name is the $kind $id', ({ name, kind, id }) => {
    const stream = parseStreamId(name);
    expect(stream).toBe(name);
    expect([kindOf(stream!), idOf(stream!)]).toEqual([kind, id]);
  });

  it.each([
    { name: '', why: 'empty' },
    { name: ':', why: 'only a colon' },
    { name: ':web', why: 'no kind' },
    { name: 'runtime', why: 'no colon' },
    { name: 'runtime:', why: 'no id' },
    { name: 'builds', why: 'a kind, one letter more, and no colon' },
    { name: 'runtimeX', why: 'the same for another kind' },
    { name: 'Runtime:web', why: 'a kind in capitals' },
    { name: 'service:web', why: 'an unknown kind' },
    { name: 'toString:web', why: 'a name that every object has' },
    { name: ' runtime:web', why: 'a space before' },
    { name: 'runtime:web ', why: 'a space behind' },
    { name: 'runtime:web\n', why: 'a line feed behind' },
    { name: 'runtime:web\0', why: 'a NUL behind' },
    { name: 'runtime:web:1', why: 'a second colon' },
    { name: 'runtime:.web', why: 'a dot in front' },
    { name: 'runtime:-web', why: 'a dash in front' },
    { name: 'runtime:_web', why: 'an underscore in front' },
    { name: 'runtime:../etc', why: 'a path' },
    { name: 'runtime:a/b', why: 'a slash' },
    { name: 'runtime:{a}', why: 'a hash tag of Redis' },
    { name: 'runtime:*', why: 'a pattern' },
    { name: 'runtime:wéb', why: 'a letter that is not of ASCII' },
    { name: 'runtime%3Aweb', why: 'an encoded colon' },
    { name: `runtime:${'x'.repeat(129)}`, why: 'an id of 129' },
    { name: 'x'.repeat(1_000_000), why: 'a million letters' },
    { name: undefined, why: 'undefined' },
    { name: null, why: 'null' },
    { name: 7, why: 'a number' },
    { name: ['runtime:web'], why: 'an array' },
    { name: { toString: () => 'runtime:web' }, why: 'an object' },
  ])('is not $why', ({ name }) => {
    expect(parseStreamId(name)).toBeUndefined();
  });

  it.each(STREAM_KINDS)('is made of the kind %s and an id, and of nothing that is no id', (kind) => {
    expect(streamId(kind, 'a.b')).toBe(`${kind}:a.b`);
    expect(streamId(kind, 'a b')).toBeUndefined();
    expect(streamId(kind, '')).toBeUndefined();
  });

  it('takes a string only for an id', () => {
    expect([isId('a'), isId(''), isId(1), isId(undefined), isId(['a'])]).toEqual([true, false, false, false, false]);
  });
});
