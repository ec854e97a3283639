export interface LineTimeProps {
  readonly timestamp: string;
  /** As it is written. */
  readonly shown: string;
}

/** When a line was written, with the whole timestamp to hover over. */
export function LineTime({ timestamp, shown }: LineTimeProps) {
  // A narrow screen shows of a date and a time the latter only.
  const name = shown.length > 10 ? 'log-time log-time-full' : 'log-time';
  return (
    <time className={name} dateTime={timestamp} title={timestamp}>
      {shown}
    </time>
  );
}
