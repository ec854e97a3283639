/** What writes a stream: a build, the pods of a service, a shell job, a bot. */
export const STREAM_KINDS = ['build', 'runtime', 'job', 'bot'] as const;

/** One of {@link STREAM_KINDS}. */
export type StreamKind = (typeof STREAM_KINDS)[number];

/** A stream's name, `<kind>:<id>`; made by {@link parseStreamId} or {@link streamId} only, so it is always well formed. */
export type StreamId = `${StreamKind}:${string}`;

const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/** Whether `id` may stand behind the colon of a stream's name. */
export function isId(id: unknown): id is string {
  return typeof id === 'string' && ID.test(id);
}

/** The stream called `name`, or undefined where that is not `<kind>:<id>`. */
export function parseStreamId(name: unknown): StreamId | undefined {
  if (typeof name !== 'string' || name.length > 160) return undefined;
  const colon = name.indexOf(':');
  if (colon < 0 || !(STREAM_KINDS as readonly string[]).includes(name.slice(0, colon))) return undefined;
  if (!isId(name.slice(colon + 1))) return undefined;
  return name as StreamId;
}

/** The stream of this kind and id, or undefined where the id is malformed. */
export function streamId(kind: StreamKind, id: string): StreamId | undefined {
  return isId(id) ? `${kind}:${id}` : undefined;
}

/** What stands before the colon. */
export function kindOf(stream: StreamId): StreamKind {
  return stream.slice(0, stream.indexOf(':')) as StreamKind;
}

/** What stands behind the colon. */
export function idOf(stream: StreamId): string {
  return stream.slice(stream.indexOf(':') + 1);
}
