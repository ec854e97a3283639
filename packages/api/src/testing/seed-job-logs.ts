/** A line as the reader's callback gets it. */
export interface SeedLog {
  readonly timestamp: number;
  readonly level: string;
  readonly message: string;
  readonly index?: number;
}

/** A reader of a job's lines as they were written before this server was: it parses lines, not events. */
export class SeedJobLogs {
  readonly logs: SeedLog[] = [];
  readonly errors: string[] = [];
  readonly unparsed: string[] = [];
  completed = 0;
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  async streamLogs(jobId: string, token = '', signal?: AbortSignal): Promise<void> {
    const response = await fetch(`${this.#url}/api/jobs/${jobId}/logs/stream`, {
      headers: { Authorization: `Bearer ${token}` },
      ...(signal && { signal }),
    });
    if (!response.ok) throw new Error(`Failed to stream logs: ${response.status}`);
    const reader = response.body?.getReader();
    if (!reader) throw new Error('Response body is not readable');
    const decoder = new TextDecoder();
    let buffer = '';
    for (;;) {
      const { done, value } = (await reader.read()) as { done: boolean; value: Uint8Array | undefined };
      if (done) return;
      buffer += decoder.decode(value, { stream: true });
      const lines = buffer.split('\n');
      buffer = lines.pop() ?? '';
      for (const line of lines) {
        if (line.trim() === '' || !line.startsWith('data: ')) continue;
        if (this.#take(line.slice(6))) return;
      }
    }
  }

  /** Whether it was the last. */
  #take(json: string): boolean {
    try {
      const { type, ...log } = JSON.parse(json) as SeedLog & { type: string };
      if (type === 'log') this.logs.push(log);
      else if (type === 'error') this.errors.push(log.message);
      else if (type === 'complete') this.completed++;
      return type === 'complete';
    } catch {
      this.unparsed.push(json);
      return false;
    }
  }
}
