/** Where a relay can be made to die: before, inside and after every durable step, and on both sides of what goes over the wire. */
import type { Provider } from '../../providers/provider.ts';
import type { Decide } from '../../store/call.ts';
import type { Store } from '../../store/store.ts';

/** `inside` stands in the middle of the store's transaction, with nothing committed yet. */
export const CRASH_POINTS = [
  'accept:before',
  'accept:after',
  'takeDue:before',
  'takeDue:inside',
  'takeDue:after',
  'settle:before',
  'settle:after',
  'amend:before',
  'amend:inside',
  'amend:after',
  'takeMessages:before',
  'takeMessages:after',
  'settleMessage:before',
  'settleMessage:after',
  'dial:before',
  'dial:sent',
  'dial:answered',
  'dial:after',
  'read:before',
  'read:sent',
  'read:answered',
  'lead:before',
  'lead:sent',
  'lead:answered',
] as const;
export type CrashPoint = (typeof CRASH_POINTS)[number];

/** The process dies at the `nth` passage of the point, counted from 1. */
export interface CrashPlan {
  readonly point: CrashPoint;
  readonly nth: number;
}

/** Called at every point; does not come back from the one where the process is to die. */
export type Pass = (point: CrashPoint) => void;

export function passing(plan: CrashPlan | undefined, die: () => void): Pass {
  let passed = 0;
  return (point) => {
    if (point !== plan?.point) return;
    passed += 1;
    if (passed === plan.nth) die();
  };
}

export function crashingStore(store: Store, pass: Pass): Store {
  const within =
    (point: CrashPoint, decide: Decide): Decide =>
    (...about) => {
      pass(point);
      return decide(...about);
    };
  return {
    ...store,
    accept: around(store.accept, 'accept:before', 'accept:after', pass),
    takeDue: around(
      (limit, decide, onStumble) => store.takeDue(limit, within('takeDue:inside', decide), onStumble),
      'takeDue:before',
      'takeDue:after',
      pass,
    ),
    settle: around(store.settle, 'settle:before', 'settle:after', pass),
    amend: around((id, decide) => store.amend(id, within('amend:inside', decide)), 'amend:before', 'amend:after', pass),
    takeMessages: around(store.takeMessages, 'takeMessages:before', 'takeMessages:after', pass),
    settleMessage: around(store.settleMessage, 'settleMessage:before', 'settleMessage:after', pass),
  };
}

/** What lies between the adapter's answer and the settling of it; the wire has points of its own. */
export function crashingProvider(provider: Provider, pass: Pass): Provider {
  return {
    ...provider,
    async dial(order) {
      const outcome = await provider.dial(order);
      pass('dial:after');
      return outcome;
    },
  };
}

function around<Asked extends unknown[], Told>(
  verb: (...asked: Asked) => Promise<Told>,
  before: CrashPoint,
  after: CrashPoint,
  pass: Pass,
): (...asked: Asked) => Promise<Told> {
  return async (...asked) => {
    pass(before);
    const told = await verb(...asked);
    pass(after);
    return told;
  };
}
