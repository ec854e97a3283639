import { describe, expect, it } from '@jest/globals';
import { LIMITS } from '@kubidu/contracts';

import { Masker } from './masker.ts';
import { ANCHORS } from './shapes.ts';

/** None of them was ever valid. Put together here, so that nobody who scans repositories takes them for real. */
const letters = (count: number, alphabet = 'aB3dE6gH9jK2mN5pQ8rS1tU4vW7xY0z') =>
  alphabet.repeat(Math.ceil(count / alphabet.length)).slice(0, count);
const JWT = `eyJ${letters(33)}.eyJ${letters(60)}.${letters(43)}`;

const masker = new Masker();

describe('a known shape is masked', () => {
  it.each([
    { of: 'an AWS access key', text: `id AKIA${letters(16, 'Q4Z7')} ok`, masked: 'id *** ok' },
    { of: 'a temporary AWS access key', text: `ASIA${letters(16, 'Q4Z7')}`, masked: '***' },
    {
      of: 'an AWS secret key in the environment',
      text: `AWS_SECRET_ACCESS_KEY=${letters(40)}`,
      masked: 'AWS_SECRET_ACCESS_KEY=***',
    },
    { of: 'one in a file', text: `aws_secret_access_key = ${letters(40)}`, masked: 'aws_secret_access_key = ***' },
    { of: 'one in JSON', text: `{"SecretAccessKey": "${letters(40)}"}`, masked: '{"SecretAccessKey": "***"}' },
    {
      of: 'one in JSON in JSON',
      text: `{\\"secretAccessKey\\":\\"${letters(40)}\\"}`,
      masked: '{\\"secretAccessKey\\":\\"***\\"}',
    },
    { of: 'an AWS session token', text: `"SessionToken":"${letters(300)}=="`, masked: '"SessionToken":"***"' },
    { of: 'a Google API key', text: `key=AIza${letters(35)}&x`, masked: 'key=***&x' },
    { of: 'a secret of a Google client', text: `GOCSPX-${letters(28)}`, masked: '***' },
    { of: 'a Google access token', text: `ya29.${letters(120)}`, masked: '***' },
    {
      of: 'the key of an Azure account',
      text: `AccountName=a;AccountKey=${letters(86)}==;End`,
      masked: 'AccountName=a;AccountKey=***;End',
    },
    { of: 'that of an Azure bus', text: `SharedAccessKey=${letters(43)}=`, masked: 'SharedAccessKey=***' },
    { of: 'the secret of an Azure application', text: `secret abc8Q~${letters(34)}.`, masked: 'secret ***.' },
    { of: 'a DigitalOcean token', text: `dop_v1_${letters(64, '0123456789abcdef')}`, masked: '***' },
    { of: 'a GitHub token', text: `push with ghp_${letters(36)}!`, masked: 'push with ***!' },
    { of: 'a token of a GitHub app', text: `ghs_${letters(36)}`, masked: '***' },
    { of: 'a fine-grained GitHub token', text: `github_pat_${letters(22)}_${letters(59)}`, masked: '***' },
    { of: 'an npm token', text: `npm_${letters(36)}`, masked: '***' },
    {
      of: 'a token in .npmrc',
      text: '//registry.example.com/:_authToken=0c1d2e3f-aaaa',
      masked: '//registry.example.com/:_authToken=***',
    },
    { of: 'a JWT', text: `Authorization: Bearer ${JWT}`, masked: 'Authorization: Bearer ***' },
    { of: 'a JWT behind other characters', text: `%20${JWT}\\n`, masked: '%20***\\n' },
    { of: 'an encrypted JWT', text: `eyJ${letters(33)}..${letters(16)}.${letters(60)}.${letters(22)}`, masked: '***' },
    { of: 'a password in a URL', text: 'postgres://app:pa55@db:5432/app', masked: 'postgres://***@db:5432/app' },
    { of: 'one without a user', text: 'redis://:pa55@cache', masked: 'redis://***@cache' },
    { of: 'one with an at sign', text: 'amqp://app:p@ss@mq/%2f', masked: 'amqp://***@mq/%2f' },
    {
      of: 'several in a line',
      text: `http://a:bb@c ghp_${letters(36)} http://d:ee@f`,
      masked: 'http://***@c *** http://***@f',
    },
  ])('$of', ({ text, masked }) => {
    expect(masker.text(text)).toBe(masked);
  });

  it.each([
    'https://example.com:8080/a@b',
    'ssh://git@example.com/repository.git',
    'http://localhost:3000 from a@b',
    'docker-image://alpine:3.19@sha256:0123456789abcdef',
    'AKIA, ghp_ and npm_ are how they begin',
    'npm_config_registry=https://registry.example.com/',
    'npm_lifecycle_event_of_the_installation_script_is',
    '//registry.example.com/:_authToken=${NPM_TOKEN}',
    'eyJ is how base64 of {" begins, in file.eyJ.txt too',
    '-----BEGIN CERTIFICATE-----',
    '-----BEGIN PUBLIC KEY-----',
    'AWS_SECRET_ACCESS_KEY is not set',
  ])('and not "%s"', (text) => {
    expect(masker.text(text)).toBe(text);
  });

  it.each(ANCHORS)('in time that grows with the line: %s', (anchor) => {
    // Where it grew with its square, these would take hours.
    for (const unit of [
      anchor,
      `${anchor}a`,
      `${anchor}aaaaaaaaa.`,
      `${anchor}:`,
      `${anchor}u:p`,
      `${anchor} `,
      `x${anchor}=`,
    ]) {
      const line = unit.repeat(LIMITS.messageBytes / unit.length);
      expect(masker.text(line).length).toBeGreaterThan(0);
    }
  });
});

describe('a line that was cut', () => {
  it.each([
    { text: `token ghp_${letters(20)}`, masked: 'token ***' },
    { text: `token ${JWT.slice(0, 60)}`, masked: 'token ***' },
    { text: 'postgres://app:pa', masked: 'postgres***' },
    { text: 'see https://example.com/ for', masked: 'see https://example.com/ for' },
  ])('is masked from where a secret may have begun: $text', ({ text, masked }) => {
    const output = masker.output(() => undefined);
    expect(output.take(text, true)).toBe(masked);
  });
});
