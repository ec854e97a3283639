/** So many lines, in words: `1 line`, `1,234 lines`. */
export function countText(lines: number): string {
  return `${lines.toLocaleString('en')} ${lines === 1 ? 'line' : 'lines'}`;
}
