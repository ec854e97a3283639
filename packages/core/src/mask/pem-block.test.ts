import { describe, expect, it } from '@jest/globals';

import { Masker } from './masker.ts';

const BODY = 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj';
const begin = (kind = '') => `-----BEGIN ${kind}PRIVATE KEY-----`;
const end = (kind = '') => `-----END ${kind}PRIVATE KEY-----`;

function masked(...lines: string[]): (string | undefined)[] {
  const output = new Masker().output(() => undefined);
  return lines.map((line) => output.take(line, false));
}

describe('a private key in PEM', () => {
  it.each(['', 'RSA ', 'EC ', 'OPENSSH ', 'ENCRYPTED '])('is masked over its lines: %sPRIVATE KEY', (kind) => {
    expect(masked('key:', begin(kind), BODY, BODY, 'short==', end(kind), 'listening', BODY)).toEqual([
      'key:',
      '***',
      '***',
      '***',
      '***',
      '***',
      'listening',
      BODY,
    ]);
  });

  it('is masked with its header', () => {
    expect(masked(begin('RSA '), 'Proc-Type: 4,ENCRYPTED', '', BODY, end('RSA '))).toEqual([
      '***',
      'Proc-Type: 4,ENCRYPTED',
      '',
      '***',
      '***',
    ]);
  });

  it('is masked as PGP writes it', () => {
    const lines = [
      '-----BEGIN PGP PRIVATE KEY BLOCK-----',
      '',
      BODY,
      '=aBcD',
      '-----END PGP PRIVATE KEY BLOCK-----',
      'x',
    ];
    expect(masked(...lines)).toEqual(['***', '', '***', '=***', '***', 'x']);
  });

  it('is masked where a logger puts something in front of each line', () => {
    expect(masked(`12:00 ${begin()}`, `12:00 ${BODY}`, '12:00 sho/rt==', `12:00 ${end()}`, '12:00 done')).toEqual([
      '12:00 ***',
      '12:00 ***',
      '12:00 ***',
      '12:00 ***',
      '12:00 done',
    ]);
  });

  it('is masked in one line', () => {
    const line = `{"key":"${begin()}\\n${BODY}\\n${BODY}\\n${end()}\\n","id":1}`;
    expect(masked(line, BODY)).toEqual(['{"key":"***\\n","id":1}', BODY]);
  });

  it('is masked where its end stands behind its last line', () => {
    expect(masked(begin(), `${BODY} ${BODY}`, `abc=${end()} ok`, 'next')).toEqual(['***', '*** ***', '*** ok', 'next']);
  });

  it('that never comes costs two words at most', () => {
    expect(masked(`expected ${begin()}`, 'the server listens', 'on port 3000', 'all is well')).toEqual([
      'expected ***',
      'the server ***',
      'on port ***',
      'all is well',
    ]);
  });

  it('that has no end is masked for 1,000 lines', () => {
    const lines = masked(begin(), ...Array.from({ length: 1_001 }, () => BODY));
    expect(lines.indexOf(BODY)).toBe(1_001);
  });
});
