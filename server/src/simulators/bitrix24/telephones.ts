/** The two telephones at the ends of a simulated portal: the agent's rings first; the visitor's only once the agent has heard the announcement. */

export type LegName = 'agent' | 'visitor';

/** `waiting`: not rung yet. `listening`: the agent hears the announcement. The last three are ends. */
export type LegState = 'waiting' | 'ringing' | 'listening' | 'talking' | 'declined' | 'unanswered' | 'hung_up';

/** One dial that the portal carried out: a row of the truth log. */
export interface SimulatedCall {
  /** The portal's CALL_ID; made even where the answer to the relay leaves it out. */
  readonly callId: string;
  readonly line: string;
  /** As it came in TO_NUMBER. */
  readonly number: string;
  readonly announcement: string;
  readonly voice: string | undefined;
  /** Epoch milliseconds. */
  readonly dialledAt: number;
  readonly agent: LegState;
  readonly visitor: LegState;
  /** Since when both have been talking, and when it was over. */
  readonly connectedAt: number | undefined;
  readonly endedAt: number | undefined;
  /** Which of the portal's own repeats this is; absent where a relay's order is carried out. */
  readonly redial?: number;
}

export interface Telephones {
  /** Every dial that was carried out, oldest first: who really rang. */
  readonly dials: readonly SimulatedCall[];
  /** Picks up a ringing telephone; false if it does not ring. */
  answer(leg: LegName, callId: string): boolean;
  /** Declines a ringing telephone, or hangs up; false if there is nothing to end. */
  hangUp(leg: LegName, callId: string): boolean;
  /** Called after every change with the call as it now is. The answer unsubscribes. */
  onChange(listener: (call: SimulatedCall) => void): () => void;
}
