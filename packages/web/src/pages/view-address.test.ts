import { describe, expect, it } from '@jest/globals';

import { initialLogView } from '../components/logs/log-view.ts';
import { addressOf, viewOf } from './view-address.ts';

describe('The address of a view', () => {
  it('says nothing where everything is as usual', () => {
    expect(addressOf(initialLogView)).toEqual({ search: '', hash: '' });
    expect(viewOf({ search: '', hash: '' })).toEqual(initialLogView);
  });

  it.each([
    { ...initialLogView, query: 'a "b c" -d & level:>=warn #L5', only: true },
    { ...initialLogView, line: 1234, follow: false },
    { ...initialLogView, follow: false, timestamps: 'utc' as const, wrap: true },
    { ...initialLogView, pods: ['web-1', 'web 2&'], containers: ['app'], level: 'WARN' as const, step: 4 },
    { ...initialLogView, from: 10, to: 20, timestamps: 'off' as const },
  ])('says all of %j, and gives it back', (view) => {
    expect(viewOf(addressOf(view))).toEqual(view);
  });

  it.each(['?level=loud&time=noon&step=-1&from=x&follow=maybe&wrap=1', '?q=', '?token=abc'])(
    'counts what is said wrongly in %s as not said',
    (search) => {
      expect(viewOf({ search, hash: '#L0x' })).toEqual(initialLogView);
    },
  );
});
