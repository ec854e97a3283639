import { readFile } from 'node:fs/promises';

import { describe, expect, it } from '@jest/globals';

const CLAUSE = /^\| (\d+\.\d+) +\|/gm;
const TITLE = /'(\d+\.\d+) /g;

async function numbers(file: string, form: RegExp): Promise<string[]> {
  const text = await readFile(new URL(file, import.meta.url), 'utf8');
  return [...new Set([...text.matchAll(form)].map(([, number]) => number ?? ''))].sort();
}

describe('docs/reference/protocol.md and the protocol suites', () => {
  it('have a test for each clause and a clause for each test', async () => {
    const clauses = await numbers('../../../../docs/reference/protocol.md', CLAUSE);
    expect(clauses.length).toBeGreaterThan(30);
    const tests = await Promise.all(
      ['./protocol', './events', './search'].map((file) => numbers(`${file}.conformance.ts`, TITLE)),
    );
    expect(tests.flat().sort()).toEqual(clauses);
  });
});
