import { describe, expect, it } from '@jest/globals';

import { fieldTree } from './field-tree.ts';
import { treeMove } from './tree-move.ts';
import { visibleFields } from './visible-fields.ts';

const message = JSON.stringify({ a: 1, b: { c: 2, d: 3 }, e: 'x'.repeat(5_000) });
const tree = fieldTree({ index: 1, timestamp: '2026-11-20T23:16:57Z', message });

/** The names of the lines by their ids. */
const names = new Map(visibleFields(tree, new Set()).map(({ id, name }) => [id, name]));
const id = (name: string): string => [...names].find(([, one]) => one === name)?.[0] ?? '';

describe('a key in a tree', () => {
  it.each([
    ['a', 'ArrowDown', { to: 'b' }],
    ['a', 'ArrowUp', { to: 'a' }],
    ['e', 'ArrowDown', { to: 'e' }],
    ['a', 'End', { to: 'e' }],
    ['d', 'Home', { to: 'a' }],
    ['b', 'ArrowRight', { to: 'c' }],
    ['b', 'ArrowLeft', { toggle: 'b' }],
    ['d', 'ArrowLeft', { to: 'b' }],
    ['b', 'Enter', { toggle: 'b' }],
    ['c', 'Enter', { filter: 'b.c:2' }],
    ['e', 'Enter', {}],
    ['a', 'x', undefined],
  ])('on %s, %s', (name, key, expected) => {
    const move = treeMove(visibleFields(tree, new Set()), new Set(), id(name), key);
    const { to, toggle, ...rest } = move ?? {};
    const named = {
      ...rest,
      ...(to === undefined ? {} : { to: names.get(to) }),
      ...(toggle === undefined ? {} : { toggle: names.get(toggle) }),
    };
    expect(move && named).toEqual(expected);
  });

  it('passes over what is closed, and opens it', () => {
    const closed = new Set([id('b')]);
    const lines = visibleFields(tree, closed);
    expect(treeMove(lines, closed, id('b'), 'ArrowDown')).toEqual({ to: id('e') });
    expect(treeMove(lines, closed, id('b'), 'ArrowRight')).toEqual({ toggle: id('b') });
  });
});
