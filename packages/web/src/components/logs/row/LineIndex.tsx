/** An entry's index, as the link to it: `#L1234`. */
export function LineIndex({ index }: { readonly index: number }) {
  return (
    <a className="log-index" href={`#L${index}`} aria-label={`Link to line ${index}`}>
      {index}
    </a>
  );
}
