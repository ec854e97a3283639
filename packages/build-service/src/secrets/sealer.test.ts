import { describe, expect, it } from '@jest/globals';

import { Sealer } from './sealer.ts';

const KEY = 'a key of at least thirty-two bytes';
const SECRETS = { NPM_TOKEN: 'npm_s3cret', PEM: '-----BEGIN\nüñí\n' };

describe('Sealed secrets', () => {
  it.each([
    { by: { KUBIDU_SECRETS_KEY: KEY }, to: { KUBIDU_SECRETS_KEY: KEY } },
    {
      by: { KUBIDU_SECRETS_KEY: KEY },
      to: { KUBIDU_SECRETS_KEY: KEY, KUBIDU_JWT_SECRET: 'another of thirty-two bytes, too' },
    },
    { by: { KUBIDU_JWT_SECRET: KEY }, to: { KUBIDU_JWT_SECRET: KEY } },
  ])('sealed with $by open with $to', ({ by, to }) => {
    expect(new Sealer(to).open('d1', new Sealer(by).seal('d1', SECRETS))).toEqual(SECRETS);
  });

  it('open in the process that sealed them where no key is set', () => {
    const sealer = new Sealer({});
    expect(sealer.open('d1', sealer.seal('d1', SECRETS))).toEqual(SECRETS);
  });

  it('show nothing of what they hold, and never look the same', () => {
    const sealer = new Sealer({ KUBIDU_SECRETS_KEY: KEY });
    const sealed = sealer.seal('d1', SECRETS);
    const bytes = Buffer.from(sealed.slice(3), 'base64url').toString('latin1');
    for (const word of ['NPM_TOKEN', 'npm_s3cret', 'BEGIN']) expect(sealed + bytes).not.toContain(word);
    expect(sealer.seal('d1', SECRETS)).not.toBe(sealed);
  });

  const sealed = new Sealer({ KUBIDU_SECRETS_KEY: KEY }).seal('d1', SECRETS);
  const cases: { what: string; sealer: Sealer; id: string; text: string }[] = [
    { what: 'another key', sealer: new Sealer({ KUBIDU_SECRETS_KEY: `${KEY}!` }), id: 'd1', text: sealed },
    { what: 'no key', sealer: new Sealer({}), id: 'd1', text: sealed },
    { what: 'another deployment', sealer: new Sealer({ KUBIDU_SECRETS_KEY: KEY }), id: 'd2', text: sealed },
    { what: 'a changed byte', sealer: new Sealer({ KUBIDU_SECRETS_KEY: KEY }), id: 'd1', text: flipped(sealed) },
    { what: 'half of them', sealer: new Sealer({ KUBIDU_SECRETS_KEY: KEY }), id: 'd1', text: sealed.slice(0, 20) },
    { what: 'another form', sealer: new Sealer({ KUBIDU_SECRETS_KEY: KEY }), id: 'd1', text: `v2.${sealed.slice(3)}` },
  ];
  it.each(cases)('do not open with $what, and the words say which setting is needed', ({ sealer, id, text }) => {
    expect(() => sealer.open(id, text)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringContaining('KUBIDU_SECRETS_KEY') }),
    );
  });
});

function flipped(sealed: string): string {
  const at = sealed.length - 30;
  return sealed.slice(0, at) + (sealed[at] === 'A' ? 'B' : 'A') + sealed.slice(at + 1);
}
