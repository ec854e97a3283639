import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Gap, LogEntry, LogPage, Me, StreamId } from '@kubidu/contracts';

import { answerDeployments } from './scripted-deployments.ts';
import { lastIndex, page } from './scripted-stream.ts';
import type { Script, ScriptedStream } from './scripted-stream.ts';

/** Answers what the CLI and the SDK ask over HTTP, as the contract's §4 says. */
export async function answerHttp(server: Script, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', server.url);
  const answer = (status: number, body: unknown): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  const refuse = (status: number, code: string, message: string): void => answer(status, { error: { code, message } });
  if (server.httpError !== undefined) return answer(server.httpError.status, { error: server.httpError.body });
  const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
  if (server.tokens !== undefined && (token === undefined || !server.tokens.has(token))) {
    return refuse(401, 'UNAUTHENTICATED', 'Unauthorized');
  }
  const [, api, collection, id, rest] = url.pathname.split('/').map(decodeURIComponent);
  if (api !== 'api') return refuse(404, 'NOT_FOUND', 'no such route');
  if (collection === 'me') return answer(200, { ...me(token), ...server.me });
  if (collection === 'deployments') return answerDeployments(server, request, id, answer);
  if (collection === 'services' && id === undefined) return answer(200, { services: [...server.services.values()] });
  const service = server.services.get(id ?? '');
  if (collection === 'services' && service !== undefined) return answer(200, service);
  const held = server.streams.get(id as StreamId);
  if (collection !== 'streams' || held === undefined) return refuse(404, 'NOT_FOUND', `there is no ${id}`);
  const info = { stream: id, firstIndex: held.firstIndex, lastIndex: lastIndex(held) };
  if (rest === 'logs') return answer(200, logPage(held, url.searchParams));
  const at = new Date(0).toISOString();
  answer(200, { ...info, bytes: 0, createdAt: at, lastAt: at });
}

function me(token: string | undefined): Me {
  return {
    subject: token === undefined ? 'local' : 'ada',
    tenants: [],
    streams: ['*'],
    admin: token === undefined,
    authentication: token === undefined ? 'off' : 'token',
  };
}

/** Of the stream what is from `since` on and before `until`: a page of it says nothing of the rest. */
function timely(held: ScriptedStream, query: URLSearchParams): ScriptedStream {
  const [since, until] = [query.get('since'), query.get('until')].map((time) => Date.parse(time ?? ''));
  const of = ({ timestamp }: LogEntry): boolean =>
    !(Date.parse(timestamp) < (since ?? NaN)) && !(Date.parse(timestamp) >= (until ?? NaN));
  const from = held.entries.findIndex(of);
  if (from < 0) return { ...held, entries: [] };
  return {
    ...held,
    firstIndex: held.firstIndex + from,
    entries: held.entries.slice(from, held.entries.findLastIndex(of) + 1),
  };
}

function logPage(held: ScriptedStream, query: URLSearchParams): LogPage {
  const number = (name: string): number | undefined => {
    const value = query.get(name);
    return value === null ? undefined : Number(value);
  };
  const after = number('after');
  const limit = number('limit') ?? 1_000;
  const { entries } = page(timely(held, query), { before: number('before'), after, limit });
  const gaps: Gap[] =
    after !== undefined && after + 1 < held.firstIndex
      ? [{ from: after + 1, to: held.firstIndex - 1, reason: held.gapReason }]
      : [];
  const first = entries[0]?.index ?? 0;
  const last = entries.at(-1)?.index ?? 0;
  return {
    entries,
    firstIndex: held.firstIndex,
    lastIndex: lastIndex(held),
    gaps,
    ...(last > 0 && last < lastIndex(held) ? { next: last } : {}),
    ...(first > held.firstIndex ? { previous: first } : {}),
  };
}
