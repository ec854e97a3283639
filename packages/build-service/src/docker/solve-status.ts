/** A step of BuildKit's graph, as it says it each time something changes. Times are RFC 3339. */
export interface Vertex {
  readonly digest: string;
  readonly name: string;
  readonly started?: string;
  readonly completed?: string;
  readonly cached?: boolean;
  readonly error?: string;
  /** Several vertexes shown as one step. */
  readonly progressGroup?: { readonly id: string; readonly name: string; readonly weak?: boolean };
}

/** How far something within a vertex is: a layer being pulled, the context being sent. */
export interface VertexStatus {
  readonly id: string;
  readonly vertex: string;
  readonly current: number;
  readonly total?: number;
  readonly timestamp: string;
  readonly started?: string;
  readonly completed?: string;
}

/** A piece of what a vertex wrote; `data` is base64. */
interface VertexLog {
  readonly vertex: string;
  /** 1 standard output, 2 standard error. */
  readonly stream: number;
  readonly data: string;
  readonly timestamp: string;
}

/** What BuildKit has against a line of the Dockerfile; `short` is base64. */
export interface VertexWarning {
  readonly vertex: string;
  readonly short?: string;
  readonly url?: string;
  readonly range?: readonly { readonly start?: { readonly line?: number } }[];
}

/** One line of `--progress rawjson`. */
export interface SolveStatus {
  readonly vertexes?: readonly Vertex[];
  readonly statuses?: readonly VertexStatus[];
  readonly logs?: readonly VertexLog[];
  readonly warnings?: readonly VertexWarning[];
}

/** The line, or undefined for one that is none: buildx prints its errors between them as text. */
export function parseSolveStatus(line: string): SolveStatus | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as SolveStatus;
  } catch {
    return undefined;
  }
}
