import type { Gap, LogEntry, LogPage } from '@kubidu/contracts';

import { RawHttp } from '../protocol/raw-http.ts';

/** What a server holds of a stream. */
export interface Stored {
  readonly entries: LogEntry[];
  readonly gaps: Gap[];
}

/** Everything that a server holds of a stream, read by pages from the first to the last. */
export async function storedEntries(url: string, stream: string, token?: string): Promise<Stored> {
  const http = new RawHttp(url, token);
  const stored: Stored = { entries: [], gaps: [] };
  for (let after = 0; ;) {
    const page = await http.get<LogPage>(`/api/streams/${stream}/logs?after=${after}&limit=10000`);
    for (const entry of page.entries) stored.entries.push(entry);
    stored.gaps.push(...page.gaps);
    if (page.next === undefined) return stored;
    after = page.next;
  }
}
