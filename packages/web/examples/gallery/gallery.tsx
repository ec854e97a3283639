import { compile } from '@kubidu/query';
import { useState } from 'react';
import { createRoot } from 'react-dom/client';

import { foldsAt } from '../../src/components/logs/row/folds.ts';
import { GapDivider } from '../../src/components/logs/row/LogDivider.tsx';
import { LogRow } from '../../src/components/logs/row/LogRow.tsx';
import type { RowPart } from '../../src/components/logs/row/LogRow.tsx';
import { timeFormat } from '../../src/components/logs/row/time-format.ts';
import { SAMPLES } from './samples.ts';
import type { Sample } from './samples.ts';

/** Rows in every state they have. `?theme=light` shows the other theme. */
function Gallery() {
  const [filter, setFilter] = useState('');
  return (
    <>
      {SAMPLES.map((sample) => (
        <Section key={sample.title} sample={sample} onFilter={setFilter} />
      ))}
      <h2 className="gallery-heading">What can no longer be had</h2>
      <div className="gallery-rows">
        <GapDivider from={1} to={120} reason="expired" />
      </div>
      <p className="gallery-heading" role="status">
        {filter === '' ? 'No filter chosen' : `Filter: ${filter}`}
      </p>
    </>
  );
}

const time = timeFormat('utc');

function Section({ sample, onFilter }: { readonly sample: Sample; readonly onFilter: (term: string) => void }) {
  const [open, setOpen] = useState<ReadonlySet<string>>(
    new Set([`fields ${sample.fieldsOpen}`, `trace ${sample.traceOpen}`]),
  );
  const toggle = (part: RowPart, index: number): void => {
    const key = `${part} ${index}`;
    setOpen((before) =>
      before.has(key) ? new Set([...before].filter((one) => one !== key)) : new Set([...before, key]),
    );
  };
  const query = sample.query === undefined ? undefined : compile(sample.query);
  const folds = foldsAt(sample.entries);
  const isFolded = (index: number) =>
    folds.some(({ head, last }) => index > head && index <= last && !open.has(`trace ${head}`));
  return (
    <section aria-label={sample.title}>
      <h2 className="gallery-heading">{sample.title}</h2>
      <div className="gallery-rows">
        {sample.entries
          .filter(({ index }) => !isFolded(index))
          .map((entry) => (
            <LogRow
              key={entry.index}
              entry={entry}
              time={time}
              query={query}
              wrap={sample.wrap ?? false}
              source="container"
              pointed={entry.index === sample.pointed}
              lineOpen={open.has(`line ${entry.index}`)}
              fieldsOpen={open.has(`fields ${entry.index}`)}
              traceLines={folds.find(({ head }) => head === entry.index)?.lines ?? 0}
              traceOpen={open.has(`trace ${entry.index}`)}
              onToggle={toggle}
              onFilter={onFilter}
            />
          ))}
      </div>
    </section>
  );
}

const theme = new URLSearchParams(location.search).get('theme') ?? 'dark';
document.documentElement.dataset.theme = theme;
const root = document.getElementById('root');
if (root) createRoot(root).render(<Gallery />);
