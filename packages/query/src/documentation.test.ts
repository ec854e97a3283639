import { readFileSync } from 'node:fs';

import { describe, expect, it } from '@jest/globals';
import { LIMITS, LogEntry } from '@kubidu/contracts';

import { compile } from './index.ts';
import { QueryError } from './query-error.ts';

const page = readFileSync(new URL('../../../docs/reference/query-language.md', import.meta.url), 'utf8');
const entries = (/```jsonl\n([^]*?)```/.exec(page)?.[1] ?? '')
  .trim()
  .split('\n')
  .map((line) => LogEntry.parse(JSON.parse(line)));

/** Rows of the tables whose second column has this heading; the cell of a query without its marks. */
function rows(heading: string): [query: string, second: string, third: string][] {
  const tables = page.split('\n\n').filter((part) => new RegExp(`^\\| query +\\| ${heading}`).test(part));
  return tables.flatMap((table) =>
    table
      .trim()
      .split('\n')
      .slice(2)
      .map((row): [string, string, string] => {
        const [, query = '', second = '', third = ''] = row.split(/(?<!\\)\|/).map((cell) => cell.trim());
        return [query.slice(1, -1).replaceAll('\\|', '|'), second, third];
      }),
  );
}

/** `1–3, 8` */
function indexes(list: string): number[] {
  if (list === '–') return [];
  return list.split(', ').flatMap((part) => {
    const [from = 0, to = from] = part.split('–').map(Number);
    return Array.from({ length: to - from + 1 }, (_, at) => from + at);
  });
}

describe('the page of the query language', () => {
  it('has examples', () => {
    expect(entries.length).toBeGreaterThan(5);
    expect(rows('finds').length).toBeGreaterThan(40);
    expect(rows('column').length).toBeGreaterThan(15);
  });

  it.each(rows('finds'))('is right that %p finds %s', (text, found) => {
    const query = compile(text);
    expect(entries.filter((entry) => query.matches(entry)).map(({ index }) => index)).toEqual(indexes(found));
  });

  it.each(rows('finds'))('is right about %p by the JSON alone: whatever it finds may match', (text) => {
    const query = compile(text);
    const missed = entries.filter((entry) => query.matches(entry) && !query.mayMatch(JSON.stringify(entry)));
    expect(missed).toEqual([]);
  });

  it.each(rows('column'))('is right that %p is wrong at column %s: %s', (text, column, words) => {
    let error: unknown;
    try {
      compile(text);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(QueryError);
    expect((error as QueryError).column).toBe(Number(column));
    expect((error as QueryError).message).toContain(words);
  });

  it('names the limits', () => {
    const { queryLength, queryTerms, queryDepth, queryPatternSize } = LIMITS;
    expect(page).toContain(
      `at most ${queryLength.toLocaleString('en')} characters, ${queryTerms} terms and parentheses ${queryDepth} deep`,
    );
    expect(page).toContain(`at most ${queryPatternSize} of RE2's instructions`);
  });
});
