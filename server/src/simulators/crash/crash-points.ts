/** Where a relay can be made to die: before, inside and after every durable step, and on both sides of what goes over the wire. */
import type { Provider } from '../../providers/provider.ts';
import type { SqlDriver } from '../../store/sql-driver.ts';
import type { Store } from '../../store/store.ts';

/** Every verb of the store that writes, but the one for credentials, which the accounts of these worlds have none of. */
export const WRITING_VERBS = [
  'accept',
  'takeDue',
  'settle',
  'amend',
  'optOut',
  'forgetNumber',
  'postNotices',
  'takeMessages',
  'settleMessage',
  'retryQuarantined',
  'hastenForgets',
  'sweep',
] as const satisfies readonly (keyof Store)[];
export type WritingVerb = (typeof WRITING_VERBS)[number];

/** `inside` stands at the end of the store's transaction, with everything written and nothing committed. */
type StorePoint = `${WritingVerb}:${'before' | 'inside' | 'after'}`;

const WIRE_POINTS = [
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

export type CrashPoint = StorePoint | (typeof WIRE_POINTS)[number];

export const CRASH_POINTS: readonly CrashPoint[] = [
  ...WRITING_VERBS.flatMap((verb) => [`${verb}:before`, `${verb}:inside`, `${verb}:after`] as const),
  ...WIRE_POINTS,
];

/** Something happens at the `nth` passage of the point, counted from 1. */
export interface CrashPlan {
  readonly point: CrashPoint;
  readonly nth: number;
}

/** Called at every point; does not come back from the one where the process is to die. */
export type Pass = (point: CrashPoint) => void;

export function passing(plan: CrashPlan | undefined, strike: () => void): Pass {
  let passed = 0;
  return (point) => {
    if (point !== plan?.point) return;
    passed += 1;
    if (passed === plan.nth) strike();
  };
}

/** `open` makes the store over the driver that it is given. */
export function crashingStore(driver: SqlDriver, open: (driver: SqlDriver) => Store, pass: Pass): Store {
  let asked: WritingVerb | undefined;
  const store = open({
    ...driver,
    run(unit) {
      const verb = asked;
      if (verb === undefined) return driver.run(unit);
      return driver.run(function* () {
        const told = yield* unit();
        pass(`${verb}:inside`);
        return told;
      });
    },
  });

  function wrap(verb: WritingVerb): (...about: never[]) => Promise<unknown> {
    const plain = store[verb] as (...about: never[]) => Promise<unknown>;
    return async (...about) => {
      pass(`${verb}:before`);
      asked = verb;
      // A verb asks the driver before it waits for anything.
      const telling = plain(...about);
      asked = undefined;
      const told = await telling;
      pass(`${verb}:after`);
      return told;
    };
  }

  return { ...store, ...Object.fromEntries(WRITING_VERBS.map((verb) => [verb, wrap(verb)])) };
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
