/** One line of the table that the bench prints. */
export interface Row {
  name: string;
  value: string;
  /** What it was measured beside, in the same run. */
  beside?: string;
  ratio?: number;
  goal?: string;
  isReached?: boolean;
}
