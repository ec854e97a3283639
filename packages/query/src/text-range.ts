/** A stretch of a text, in UTF-16 units; `to` is behind it. */
export interface TextRange {
  readonly from: number;
  readonly to: number;
}
