import type { RecordedOutput } from './recorded-output.ts';

/**
 * The steps and lines of a build, by step: of what plain progress printed, or of what a builder handed over. Left out is
 * what differs from one build of the same to the next: times, sizes on their way, the order between steps and between the
 * two outputs of one, and how long it took.
 */
export function plainLines(of: string | RecordedOutput): readonly string[] {
  const lines = typeof of === 'string' ? printed(of) : handedOver(of);
  // A step's name is printed again each time that it is shown again.
  const once = lines.filter((line, at) => !/^#\d+ (\[|exporting|CACHED)/.test(line) || lines.indexOf(line) === at);
  return once.sort();
}

function printed(text: string): string[] {
  return text.split('\n').flatMap((line) => {
    const [, step, rest = ''] = /^#(\d+) (.*)$/.exec(line) ?? [];
    // Step 0 is the client's own; "…" says that another step is shown now.
    if (step === undefined || step === '0' || rest === '...') return [];
    if (/^(transferring|exporting layers|writing|naming|sha256:|resolve)/.test(rest)) return [];
    return [`#${step} ${rest.replace(/^\d+\.\d+ /, '').replace(/^DONE [\d.]+s$/, 'DONE')}`];
  });
}

function handedOver({ all }: RecordedOutput): string[] {
  return all.flatMap((item) => {
    if ('message' in item) return item.stream === undefined ? [] : [`#${item.step} ${item.message}`];
    if (item.type !== 'build-step') return [];
    const ends = { started: item.name, cached: 'CACHED', succeeded: 'DONE', failed: 'ERROR', cancelled: 'CANCELED' };
    return [`#${item.step} ${ends[item.status]}`, `#${item.step} ${item.name}`];
  });
}
