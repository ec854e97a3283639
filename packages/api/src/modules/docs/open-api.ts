import * as contracts from '@kubidu/contracts';
import type { ErrorCode } from '@kubidu/contracts';
import { z } from 'zod';

import type { OtherBody } from '../../http/described.ts';
import { Components } from './components.ts';
import type { Json } from './components.ts';
import type { Given, Route } from './routes.ts';

/** A response, parameter or operation as OpenAPI writes it. */
export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly security?: readonly object[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly required: true; readonly content: Content; readonly description?: string };
  readonly responses: Readonly<Record<string, Response>>;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly description?: string;
  readonly schema: Json;
}

type Content = Readonly<Record<string, { readonly schema: Json }>>;
type Response = { readonly description: string; readonly content?: Content } | { readonly $ref: string };

/** The API as OpenAPI 3.1 describes it. @see https://spec.openapis.org/oas/v3.1.1 */
export interface OpenApi {
  readonly openapi: '3.1.1';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly { readonly url: string }[];
  readonly security: readonly object[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Json>>;
    readonly responses: Readonly<Record<string, { readonly description: string; readonly content: Content }>>;
    readonly securitySchemes: Readonly<Record<string, object>>;
  };
}

const ABOUT =
  'Log streams are indexed: every entry has its index, 1, 2, 3 …, without a hole and without a repeat, and every ' +
  'page, download and live stream speaks in these indexes. Live entries also come over Socket.IO, namespace `/logs`.';

/** Errors that every route of the API may answer. */
const COMMON: readonly ErrorCode[] = ['UNAUTHENTICATED', 'RATE_LIMITED', 'INTERNAL', 'UNAVAILABLE'];

/** Describes the routes that have a description. The schemas are those that requests are checked against. */
export function openApi(routes: readonly Route[], version: string): OpenApi {
  const components = new Components(contracts);
  const paths: Record<string, Record<string, Operation>> = {};
  for (const route of routes) {
    const operation = operationOf(route, components);
    if (operation) (paths[route.path] ??= {})[route.method] = operation;
  }
  return {
    openapi: '3.1.1',
    info: { title: 'Kubidu Logs', version, description: ABOUT },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }],
    paths,
    components: {
      responses: errorResponses(components),
      schemas: components.used(),
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'Needed where the server has authentication.' },
      },
    },
  };
}

function operationOf(route: Route, components: Components): Operation | undefined {
  const { description } = route;
  if (!description) return undefined;
  const parameters = parametersOf(route, components);
  const body = description.body ? other(description.body) : route.body && json(route.body.schema, 'input', components);
  return {
    operationId: route.handler,
    summary: description.summary,
    ...(description.details !== undefined && { description: description.details }),
    tags: [route.handler.slice(0, route.handler.indexOf('.'))],
    ...(description.open === true && { security: [] }),
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: { required: true as const, ...body } }),
    responses: {
      [route.status]: {
        description: 'What was asked for.',
        ...(isOther(description.answer) ? other(description.answer) : json(description.answer, 'output', components)),
      },
      ...Object.fromEntries(errorsOf(route, parameters.length > 0).map((code) => [status(code), reference(code)])),
    },
  };
}

function errorsOf({ description, path, body }: Route, takes: boolean): ErrorCode[] {
  const own = description?.errors ?? [];
  if (description?.open === true) return [...own];
  const input: ErrorCode[] = takes || body !== undefined ? ['INVALID_ARGUMENT'] : [];
  const named: ErrorCode[] = path.includes('{') ? ['NOT_FOUND'] : [];
  return [...new Set([...input, ...named, ...own, ...COMMON])];
}

function parametersOf(route: Route, components: Components): Parameter[] {
  const inPath = route.parameters.map((given) => parameter(given, 'path', true, components));
  const query = route.description?.query ?? route.query?.schema;
  const inQuery = Object.entries(query ? fieldsOf(query) : {}).map(([name, schema]) =>
    parameter({ name, schema }, 'query', !schema.safeParse(undefined).success, components),
  );
  const inHeaders = route.headers
    .filter(({ name }) => name?.toLowerCase() !== 'authorization') // said by `security`
    .map((given) => parameter(given, 'header', false, components));
  return [...inPath, ...inQuery, ...inHeaders];
}

function parameter(
  { name = '', schema }: Given,
  place: Parameter['in'],
  required: boolean,
  components: Components,
): Parameter {
  const { description, ...rest } = schema ? components.parameter(schema) : { type: 'string' };
  return {
    name,
    in: place,
    required,
    ...(typeof description === 'string' && { description }),
    schema: rest,
  };
}

/** The fields of a query, below what is checked of them together. */
function fieldsOf(schema: z.ZodType): Readonly<Record<string, z.ZodType>> {
  if (schema instanceof z.ZodPipe) return fieldsOf(schema.in as z.ZodType);
  return schema instanceof z.ZodObject ? schema.shape : {};
}

function json(schema: z.ZodType | undefined, io: 'input' | 'output', components: Components): { content: Content } {
  return { content: { 'application/json': { schema: schema ? components.schema(schema, io) : {} } } };
}

function isOther(answer: z.ZodType | OtherBody): answer is OtherBody {
  return 'types' in answer && Array.isArray(answer.types);
}

function other({ types, description }: OtherBody): { description: string; content: Content } {
  return { description, content: Object.fromEntries(types.map((type) => [type, { schema: {} }])) };
}

function status(code: ErrorCode): string {
  return String(contracts.ERRORS[code].status);
}

function reference(code: ErrorCode): Response {
  return { $ref: `#/components/responses/${code}` };
}

function errorResponses(components: Components): OpenApi['components']['responses'] {
  return Object.fromEntries(
    Object.entries(contracts.ERRORS).map(([code, { when, fix, retry }]) => [
      code,
      {
        description: `${when} ${fix}`,
        ...(retry && { headers: { 'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer' } } } }),
        ...json(contracts.ErrorAnswer, 'output', components),
      },
    ]),
  );
}
