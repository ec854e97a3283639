import { readFileSync } from 'node:fs';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';

import { ApiFixture, entriesFrom, SECRET, tokenOf } from '../../testing/api-fixture.ts';
import type { Asked } from '../../testing/configured-api.ts';
import { ScriptedDesk } from '../../testing/scripted-desk.ts';
import { ScriptedSource } from '../../testing/scripted-source.ts';
import { ApiDocs } from './api-docs.ts';
import type { OpenApi } from './open-api.ts';

const PAGE = new URL('../../../../../docs/reference/http-api.md', import.meta.url);

interface Layer {
  readonly route?: { readonly path: string; readonly methods: Readonly<Record<string, boolean>> };
}

/** What Express would answer, as `GET /api/streams/{stream}`. */
function routesOf(app: NestExpressApplication): string[] {
  const { router } = app.getHttpAdapter().getInstance() as unknown as { router: { stack: Layer[] } };
  return router.stack.flatMap(({ route }) =>
    route
      ? Object.keys(route.methods).map(
          (method) => `${method.toUpperCase()} ${route.path.replace(/:(\w+)/g, '{$1}').replace(/(?<=.)\/$/, '')}`,
        )
      : [],
  );
}

function documented(document: OpenApi): string[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
}

/** The schemas with nothing in an object that they do not name. */
function exact(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(exact);
  if (typeof value !== 'object' || value === null) return value;
  const copy = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, exact(inner)]));
  return 'properties' in value && 'type' in value ? { additionalProperties: false, ...copy } : copy;
}

describe('the description of the API', () => {
  let api: ApiFixture;
  let app: NestExpressApplication;
  let document: OpenApi;
  const ajv = new Ajv2020({ strict: false });

  beforeAll(async () => {
    const desk = new ScriptedDesk();
    const source = new ScriptedSource();
    source.has('web', { pods: [{ podName: 'web-1', container: 'app', state: 'running', restart: 0 }] });
    const sources = [{ name: 'scripted', source }];
    const brought = { desk, deployments: desk.deployments, sources };
    api = await ApiFixture.start({}, { ...brought, onApplication: (made) => (app = made) });
    document = (await api.get('/api/docs/openapi.json')).body as unknown as OpenApi;
    ajv.addSchema(exact(document) as object, 'api');
    await api.post('/api/streams/job:1/entries', {
      entries: [{ ...entriesFrom(1, 1)[0], level: 'WARN', stream: 'stderr', context: { a: [1] }, step: 3 }],
    });
    for (const first of [2, 4]) await api.post('/api/streams/job:1/entries', { entries: entriesFrom(first, 2) });
    await api.store.trim('job:1', { through: 1 });
  });
  afterAll(() => api[Symbol.asyncDispose]());

  it('has every route of the server', () => {
    const missing = routesOf(app)
      .filter((route) => !documented(document).includes(route))
      .map((route) => `${route}: give its handler @Described({ summary, answer }), from http/described.ts`);
    expect(missing).toEqual([]);
  });

  it('has no route that the server has not', () => {
    expect(documented(document).filter((route) => !routesOf(app).includes(route))).toEqual([]);
  });

  it('says of every query and body what it is checked against', () => {
    const routes = app.get(ApiDocs, { strict: false }).routes();
    const unchecked = routes.flatMap(({ handler, query, body, description }) => [
      ...(query && !query.schema && !description?.query ? [`${handler}: @Query without a pipe that has a schema`] : []),
      ...(body && !body.schema && !description?.body ? [`${handler}: @Body without a pipe that has a schema`] : []),
    ]);
    expect(unchecked).toEqual([]);
  });

  it('is valid OpenAPI 3.1', async () => {
    const { valid, errors } = await new Validator().validate({ ...document });
    expect(errors ?? []).toEqual([]);
    expect(valid).toBe(true);
  });

  it('names an operation once', () => {
    const names = Object.values(document.paths).flatMap((methods) =>
      Object.values(methods).map((one) => one.operationId),
    );
    expect(names).toEqual([...new Set(names)]);
  });

  it('gives the form and the bounds of what a page may be asked', () => {
    const parameters = document.paths['/api/streams/{stream}/logs']?.['get']?.parameters ?? [];
    expect(Object.fromEntries(parameters.map(({ name, schema }) => [name, schema]))).toMatchObject({
      stream: { type: 'string', pattern: expect.stringContaining('build|runtime|job|bot') },
      limit: { type: 'integer', minimum: 1, maximum: 10_000, default: 1_000 },
      after: { type: 'integer', minimum: 0 },
    });
    expect(parameters.filter(({ required }) => required).map(({ name }) => name)).toEqual(['stream']);
  });

  it('is what its reference page in the documentation is about', () => {
    const page = readFileSync(PAGE, 'utf8');
    const named = [...page.matchAll(/`(GET|POST|DELETE|PUT) (\/[^`? ]*)/g)].map(
      ([, method, path = '']) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`,
    );
    expect(documented(document).filter((route) => !named.includes(route))).toEqual([]);
    expect(named.filter((route) => !documented(document).includes(route))).toEqual([]);
  });

  const DEPLOYMENT = { serviceId: 'web', source: { git: 'https://example.com/app.git' } };
  const CONTROLLED: readonly { route: string; path?: string; status?: number; asked?: Asked }[] = [
    { route: 'GET /api/me' },
    { route: 'GET /api/streams' },
    { route: 'GET /api/streams', path: '/api/streams?limit=x', status: 400 },
    { route: 'GET /api/streams/{stream}', path: '/api/streams/job:1' },
    { route: 'GET /api/streams/{stream}', path: '/api/streams/job:none', status: 404 },
    { route: 'GET /api/streams/{stream}/logs', path: '/api/streams/job:1/logs?limit=2' },
    { route: 'GET /api/streams/{stream}/logs', path: '/api/streams/job:1/logs?query=%28', status: 400 },
    {
      route: 'POST /api/streams/{stream}/entries',
      path: '/api/streams/job:1/entries',
      asked: { body: { entries: entriesFrom(9, 1) } },
    },
    {
      route: 'POST /api/streams/{stream}/entries',
      path: '/api/streams/job:1/entries',
      asked: { body: { entries: [{}] } },
      status: 400,
    },
    {
      route: 'POST /api/streams/{stream}/end',
      path: '/api/streams/bot:1/end',
      asked: { body: { status: 'failed', exitCode: 1 } },
    },
    {
      route: 'POST /api/streams/{stream}/end',
      path: '/api/streams/bot:1/end',
      asked: { body: { status: 'lost' } },
      status: 409,
    },
    { route: 'GET /api/services' },
    { route: 'GET /api/services/{id}', path: '/api/services/web' },
    { route: 'GET /api/services/{id}/logs', path: '/api/services/web/logs' },
    { route: 'GET /api/jobs/{id}/logs', path: '/api/jobs/1/logs' },
    { route: 'POST /api/deployments', asked: { body: DEPLOYMENT }, status: 201 },
    { route: 'GET /api/deployments' },
    {
      route: 'POST /api/deployments/uploads',
      asked: { body: 'a tar', headers: { 'content-type': 'application/x-tar' } },
      status: 201,
    },
    { route: 'GET /healthz' },
    { route: 'GET /readyz' },
    { route: 'GET /api/docs/openapi.json' },
  ];

  it.each(CONTROLLED)('tells the truth of an answer to $route', async ({ route, path, status = 200, asked }) => {
    const [method = '', template = ''] = route.split(' ');
    const answer = await api.ask(method, path ?? template, asked);
    expect(answer.status).toBe(status);
    const named = document.paths[template]?.[method.toLowerCase()]?.responses[status];
    const at =
      named && '$ref' in named
        ? named.$ref
        : `#/paths/${escaped(template)}/${method.toLowerCase()}/responses/${status}`;
    const schema = `api${at}/content/application~1json/schema`;
    const valid = ajv.validate({ $ref: schema }, answer.body);
    expect([valid, ajv.errors]).toEqual([true, null]);
  });
});

describe('the page of the API', () => {
  it('is for everybody, loads nothing from anywhere and runs no script', async () => {
    await using api = await ApiFixture.start({ KUBIDU_JWT_SECRET: SECRET });
    const { status, headers, body } = await api.get('/api/docs');
    const html = String(body['text']);
    expect([status, headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-[^' ]+';/);
    expect(html).not.toMatch(/<script|<link|<img|<iframe|\bon\w+=|style=|src=|https?:\/\//);
    expect(html).toContain('/api/streams/{stream}/logs');
    expect((await api.get('/api/docs/openapi.json')).status).toBe(200);
    expect((await api.get('/api/docsx')).status).toBe(401);
    expect((await api.get('/api/docs/../me', await tokenOf({}))).status).toBe(200);
    expect((await api.get('/api/docs/..%2fme')).status).toBe(404);
  });
});

/** A path as JSON pointers name it within a reference. */
function escaped(path: string): string {
  return encodeURIComponent(path.replaceAll('~', '~0').replaceAll('/', '~1'));
}
