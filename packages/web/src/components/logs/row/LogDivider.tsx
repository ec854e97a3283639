import type { LogEntry } from '@kubidu/contracts';
import { number } from '@kubidu/text';
import type { ReactNode } from 'react';

import { LineText } from './LineText.tsx';
import { LineIndex } from './LineIndex.tsx';
import { LineTime } from './LineTime.tsx';
import { PodChip } from './PodChip.tsx';
import { systemWords } from './system-words.ts';
import type { Tone } from './system-words.ts';

export interface SystemDividerProps {
  /** An entry of the system. */
  readonly entry: LogEntry;
  /** Its time as it is written. */
  readonly time: string;
  readonly pointed: boolean;
}

/** What the system says between the lines: a container exited, a release began, lines were lost. */
export function SystemDivider({ entry, time, pointed }: SystemDividerProps) {
  const { words, tone } = systemWords(entry);
  const lost = entry.event?.type === 'lost' ? entry.event : undefined;
  const podName = lost?.podName ?? entry.podName;
  return (
    <Divider tone={tone} pointed={pointed} index={entry.index} timestamp={entry.timestamp} time={time}>
      <bdi className="log-divider-words" title={words}>
        <LineText line={{ text: words, runs: [] }} />
      </bdi>
      {podName !== undefined && <PodChip podName={podName} container={lost?.container ?? entry.container} />}
    </Divider>
  );
}

export interface GapDividerProps {
  /** The first and the last index that can no longer be had. */
  readonly from: number;
  readonly to: number;
  /** Like `expired` or `trimmed`. */
  readonly reason: string;
}

/** Stands for indexes that were stored and can no longer be had: `1–120 expired`. */
export function GapDivider({ from, to, reason }: GapDividerProps) {
  const range = from === to ? number(from) : `${number(from)}–${number(to)}`;
  return (
    <Divider tone="lost" pointed={false} time="">
      <span className="log-divider-words">{`${range} ${reason}`}</span>
    </Divider>
  );
}

interface DividerProps {
  readonly tone: Tone;
  readonly pointed: boolean;
  readonly index?: number;
  readonly timestamp?: string;
  readonly time: string;
  readonly children: ReactNode;
}

function Divider({ tone, pointed, index, timestamp = '', time, children }: DividerProps) {
  return (
    <div className={`log-divider log-divider-${tone}${pointed ? ' log-pointed' : ''}`} data-index={index}>
      {index === undefined ? <span className="log-index" /> : <LineIndex index={index} />}
      {time !== '' && <LineTime timestamp={timestamp} shown={time} />}
      <span className="log-divider-rule">{children}</span>
    </div>
  );
}
