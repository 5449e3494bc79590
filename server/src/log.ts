/** What the relay says about itself. Entries hold ids, codes and counts; never a telephone number, never a secret (I9). */
export interface LogEntry {
  level: 'info' | 'warn' | 'error';
  /** Stable, dotted: `call.accepted`, `call.placed`, `request.refused`. */
  event: string;
  /** One sentence for the operator; where something is wrong, it says what to do. */
  message?: string;
  callId?: string;
  site?: string;
  [field: string]: string | number | boolean | undefined;
}

export type Log = (entry: LogEntry) => void;
