/** Works through due calls. Safe to run twice at once, in one process or in many: the store hands each call to one taker. */

import { ROW_DAMAGED, type Taken } from '../store/call.ts';
import { StoreUnavailable } from '../store/store.ts';
import type { CallsContext } from './calls.ts';
import { dialCall } from './dial-call.ts';
import { housekeeping } from './housekeeping.ts';
import { reconcileCall } from './reconcile-call.ts';
import { endAfterFailures, type FailedLooks, takeDueCalls } from './take-due-calls.ts';
import { type Drain, drainOver, underWay } from './under-way.ts';
import { keepUpProviders, probeProviders, tellOfOutages } from './watch-provider.ts';

/** Dials under way at once in this process; each holds a connection for up to 15 s. */
const MAX_UNDER_WAY = 64;

/** `onRoom` is told whenever a step has ended: there may be more to take, or a new time to wait for. */
export function drainCalls(context: CallsContext, onRoom: () => void = () => {}): Drain {
  const steps = underWay(onRoom);
  const failed: FailedLooks = new Map();
  const nextChore = housekeeping(context);

  return drainOver(steps, async () => {
    for (const step of [...probeProviders(context), ...tellOfOutages(context), ...keepUpProviders(context)]) steps.add(step);
    const chore = nextChore();
    if (chore !== undefined) steps.add(chore);
    for (;;) {
      const room = MAX_UNDER_WAY - steps.size;
      if (room <= 0) return;
      const taken = await takeDueCalls(room, failed, context);
      for (const call of taken) steps.add(runStep(call, failed, context));
      if (taken.length < room) return;
    }
  });
}

const DAMAGED =
  'What the database holds of this call is not what was written. It is looked for like a call that may have rung, and not dialled. Look at the disk.';

async function runStep({ before, taken }: Taken, failed: FailedLooks, context: CallsContext): Promise<void> {
  const about = { callId: taken.id, site: taken.site };
  if (before.fault === ROW_DAMAGED) context.log({ level: 'error', event: 'call.damaged', ...about, message: DAMAGED });
  try {
    if (taken.state === 'dialing') {
      context.log({ level: 'info', event: 'call.claimed', ...about, attempt: taken.attempts });
      await dialCall(taken, context);
    } else if (before.dueStep === 'reconcile' || before.dueStep === 'check') {
      await reconcileCall(taken, context);
    } else if (before.dueStep === 'forget') {
      // The second time it is only the key that has lived out.
      if (before.sealedNumber !== taken.sealedNumber) context.log({ level: 'info', event: 'call.forgotten', ...about });
    } else if (taken.state !== before.state) {
      const level = taken.state === 'ended_unknown' ? 'info' : 'warn';
      context.log({ level, event: `call.${taken.state}`, ...about, fault: taken.fault });
    }
    failed.delete(taken.id);
  } catch (error) {
    // The store did not take the answer: the lease will end and the call becomes uncertain. Nothing is sent again.
    context.log({ level: 'error', event: 'call.step_failed', ...about, message: error instanceof Error ? error.name : 'unknown' });
    if (taken.state !== 'dialing' && !(error instanceof StoreUnavailable)) await endAfterFailures(taken, failed, context);
  }
}
