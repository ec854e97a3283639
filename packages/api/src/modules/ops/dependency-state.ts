/** State of one dependency. */
export interface DependencyState {
  readonly ok: boolean;
  readonly detail?: string;
}
