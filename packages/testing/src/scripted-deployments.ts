import type { IncomingMessage } from 'node:http';

import type { CreateDeployment, Deployment } from '@kubidu/contracts';

import type { Script } from './scripted-stream.ts';

type Answer = (status: number, body: unknown) => void;

/** Answers `/api/deployments…` as the contract says; what becomes of a deployment is the test's. */
export async function answerDeployments(
  server: Script,
  request: IncomingMessage,
  id: string | undefined,
  answer: Answer,
): Promise<void> {
  const refuse = (status: number, code: string, message: string) => answer(status, { error: { code, message } });
  if (request.method === 'POST' && id === 'uploads') return upload(server, request, answer);
  if (request.method === 'POST') return create(server, request, answer);
  if (id === undefined) return answer(200, { deployments: listed(server, new URL(request.url ?? '/', server.url)) });
  const deployment = server.deployments.get(id);
  if (deployment === undefined) return refuse(404, 'NOT_FOUND', `there is no deployment ${id}`);
  if (request.method === 'GET') return answer(200, deployment);
  if (deployment.endedAt !== undefined) return refuse(409, 'CONFLICT', `deployment ${id} has ended`);
  server.onDeployment?.(deployment, 'cancelled');
  answer(200, deployment);
}

function listed({ deployments }: Script, { searchParams }: URL): Deployment[] {
  const serviceId = searchParams.get('serviceId');
  const found = [...deployments.values()].filter((one) => serviceId === null || one.serviceId === serviceId);
  return found.reverse().slice(0, Number(searchParams.get('limit') ?? 50));
}

async function create(server: Script, request: IncomingMessage, answer: Answer): Promise<void> {
  const asked = JSON.parse((await bodyOf(request)).toString()) as CreateDeployment;
  const deployment: Deployment = {
    deploymentId: `d-${server.deployments.size + 1}`,
    serviceId: asked.serviceId,
    status: 'queued',
    createdAt: new Date().toISOString(),
  };
  server.asked.push(asked);
  server.deployments.set(deployment.deploymentId, deployment);
  server.onDeployment?.(deployment, 'queued');
  answer(201, deployment);
}

async function upload(server: Script, request: IncomingMessage, answer: Answer): Promise<void> {
  const bytes = await bodyOf(request);
  if (bytes.length > server.maxUploadBytes) {
    const message = `the archive is larger than ${server.maxUploadBytes} bytes`;
    return answer(413, { error: { code: 'PAYLOAD_TOO_LARGE', message } });
  }
  const name = `u-${server.uploads.size + 1}`;
  server.uploads.set(name, bytes);
  answer(201, { upload: name, bytes: bytes.length });
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}
