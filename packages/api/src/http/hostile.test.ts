import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { ApiFixture, entriesFrom } from '../testing/api-fixture.ts';
import { ScriptedDesk } from '../testing/scripted-desk.ts';

const NAMES = [
  '%00',
  'a%00',
  'a%2Fb',
  '..%2f..%2fme',
  '%E0%A4%A',
  '%25',
  '-x',
  'x'.repeat(200),
  '%F0%9F%92%A9',
  'a%0Ab',
  "'",
];
const VALUES = ['', '-1', '1e99', '99999999999999999999', 'NaN', '0x10', '%00', 'null', '[]', '%ZZ', '9'.repeat(5_000)];
const BODIES: readonly unknown[] = [
  null,
  0,
  'text',
  true,
  [],
  [[[]]],
  '{',
  '',
  '\u0000',
  '{"__proto__":{"admin":true}}',
  `${'['.repeat(50_000)}${']'.repeat(50_000)}`,
  { entries: null },
  { entries: { length: 1e9 } },
  { entries: [null] },
  { entries: [{ id: {}, timestamp: 1e308, message: ['x'] }] },
  { status: ['failed'], exitCode: Infinity },
  { serviceId: { $gt: '' }, source: 'x' },
  { serviceId: 'web', source: { path: 'x', git: 'y' }, buildArgs: { '../x': '1' } },
];

const ROUTES = [
  '/api/streams/NAME',
  '/api/streams/job:NAME',
  '/api/streams/job:NAME/logs',
  '/api/services/NAME',
  '/api/services/NAME/logs',
  '/api/deployments/NAME',
  '/api/deployments/NAME/logs',
  '/api/jobs/NAME/logs',
  '/api/bots/NAME/logs',
];
const QUERIES: readonly (readonly [string, readonly string[]])[] = [
  ['/api/streams', ['kind', 'prefix', 'limit', 'cursor']],
  ['/api/streams/job:1/logs', ['after', 'before', 'limit', 'query', 'since', 'until']],
  ['/api/deployments', ['serviceId', 'limit', 'cursor']],
];
const POSTS = ['/api/streams/job:2/entries', '/api/streams/job:2/end', '/api/deployments', '/api/deployments/uploads'];

describe('hostile requests', () => {
  let api: ApiFixture;
  beforeAll(async () => {
    const desk = new ScriptedDesk();
    api = await ApiFixture.start({}, { desk, deployments: desk.deployments });
    await api.post('/api/streams/job:1/entries', { entries: entriesFrom(1, 3) });
  });
  afterAll(() => api[Symbol.asyncDispose]());

  it.each(ROUTES)('are refused in the name of %s', async (route) => {
    for (const name of NAMES) {
      const { status, body } = await api.get(route.replace('NAME', name));
      expect([name.slice(0, 20), status, body.error?.code]).toEqual([
        name.slice(0, 20),
        status === 404 ? 404 : 400,
        status === 404 ? 'NOT_FOUND' : 'INVALID_ARGUMENT',
      ]);
    }
  });

  it.each(QUERIES)('are answered or refused by name in the query of %s', async (path, fields) => {
    for (const field of fields) {
      const given = VALUES.map((value) => `${field}=${value}`);
      for (const query of [...given, `${field}=1&${field}=2`, `${field}[]=1`, `${field}[a]=1`, `${field}`]) {
        const { status, body } = await api.get(`${path}?${query}`);
        const about = `${path}?${query.slice(0, 40)}`;
        expect([about, status]).toEqual([about, status === 200 ? 200 : 400]);
        if (status === 400 && !query.includes('%ZZ'))
          expect([about, body.error?.details?.[0]?.field]).toEqual([about, field]);
      }
      const twice = await api.get(`${path}?${field}=1&${field}=2`);
      expect([field, twice.status]).toEqual([field, 400]);
    }
  });

  it.each(POSTS)('are refused in the body of %s', async (path) => {
    for (const body of BODIES) {
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      const answer = await api.ask('POST', path, { body: text, headers: { 'content-type': 'application/json' } });
      expect([text.slice(0, 40), answer.status, answer.body.error?.code]).toEqual([
        text.slice(0, 40),
        400,
        'INVALID_ARGUMENT',
      ]);
    }
  });

  it.each(POSTS.slice(0, 3))('are too large for %s beyond a megabyte', async (path) => {
    const { status, body } = await api.post(path, { entries: ['x'.repeat(1024 * 1024)] });
    expect([status, body.error?.code]).toEqual([413, 'PAYLOAD_TOO_LARGE']);
  });
});
