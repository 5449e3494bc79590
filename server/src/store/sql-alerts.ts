/** Notices of what a transaction has brought about: kept with it, and told of in the log once it stands. */

import type { Alert, Teller } from './acceptance.ts';
import type { SqlUnit } from './sql-driver.ts';
import { insertNotices } from './sql-messages.ts';

/** What is left to do when a transaction stands. */
export interface Aftermath {
  /** Something was erased: the bytes are to go as well. */
  hasErased: boolean;
  readonly tell: (() => void)[];
}

export function* tellOf(alerts: readonly Alert[], teller: Teller | undefined, now: number, aftermath: Aftermath): SqlUnit<void> {
  if (teller === undefined) return;
  for (const alert of alerts) {
    yield* insertNotices(teller.draft(alert), now);
    aftermath.tell.push(() => teller.told(alert));
  }
}
