import { podColour } from './pod-colour.ts';

export interface PodChipProps {
  readonly podName: string;
  /** Shown behind the pod's name where a pod has several. */
  readonly container?: string | undefined;
}

/** Whose line it is, in the pod's colour. */
export function PodChip({ podName, container }: PodChipProps) {
  const name = container === undefined ? podName : `${podName} ${container}`;
  return (
    <span className={`log-pod log-pod-${podColour(podName)}`} title={name}>
      {name}
    </span>
  );
}
