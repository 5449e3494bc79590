/**
 * Takes due calls from the store. A call is only claimed when its provider account has a place for it: a claim is a promise to
 * send within the lease, so waiting for a turn comes before it, and the deadline goes on running (I4).
 */
import type { Call, Change, Decide, SiteLoad, Taken } from '../store/call.ts';
import type { CallsContext } from './calls.ts';
import { endPoisoned } from './end-poisoned.ts';
import { takeCall, wait } from './life-of-a-call.ts';
import type { Turns } from './provider-gate.ts';
import { routesAhead, routesOf } from './routes.ts';
import { siteOf } from './site-of.ts';

/** How often looking at a call, or a step of it, has failed, by its id. In memory: the next start has tries of its own. */
export type FailedLooks = Map<string, number>;

/** Then a call is given an end; the others flow on meanwhile. */
const MAX_FAILED_LOOKS = 3;

export async function takeDueCalls(limit: number, failed: FailedLooks, context: CallsContext): Promise<Taken[]> {
  const turns = context.gate.lookThrough();
  const undecidable = new Map<string, Call>();
  let taken: Taken[] = [];
  const stumble: Decide = (call, now) => {
    undecidable.set(call.id, call);
    // Left untouched, the store sets it aside for a while.
    return isLastFailure(call.id, failed) ? endPoisoned(call, now, context) : undefined;
  };
  const decideCarefully: Decide = (call, now, load) => {
    try {
      return decide({ call, now, load, turns }, context);
    } catch {
      return stumble(call, now, load);
    }
  };
  try {
    taken = await context.store.takeDue(limit, decideCarefully, stumble);
    return taken;
  } finally {
    turns.end(new Set(taken.filter((each) => each.taken.state === 'dialing').map((each) => each.taken.id)));
    for (const call of undecidable.values()) await countFailure(call, failed, context);
  }
}

/** A step that throws leaves the call to its lease, but not for ever. Nothing is sent here, and nothing that was sent is forgotten. */
export async function endAfterFailures(call: Call, failed: FailedLooks, context: CallsContext): Promise<void> {
  const isLast = isLastFailure(call.id, failed);
  await countFailure(call, failed, context);
  if (!isLast) return;
  const end = endPoisoned(call, context.clock.now(), context);
  // Where the store itself is the trouble, the lease ends and the tries begin anew.
  await context.store.settle(call.id, call.fence, end).catch(() => undefined);
}

function isLastFailure(callId: string, failed: FailedLooks): boolean {
  return (failed.get(callId) ?? 0) + 1 >= MAX_FAILED_LOOKS;
}

async function countFailure({ id, site }: Call, failed: FailedLooks, { log, notify }: CallsContext): Promise<void> {
  const times = (failed.get(id) ?? 0) + 1;
  const message = 'The relay could not go on with this call. This is a fault of the relay: report it with this line.';
  log({ level: 'error', event: 'call.undecidable', callId: id, times, message });
  if (times < MAX_FAILED_LOOKS) return void failed.set(id, times);
  failed.delete(id);
  const text = `The relay could not go on with the call ${id} and gave it up. This is a fault of the relay: report it with the lines \`call.undecidable\` of its log, which name every such call.`;
  await notify({ topic: 'relay:call_given_up', site, text });
}

interface Look {
  call: Call;
  now: number;
  load: SiteLoad;
  turns: Turns;
}

function decide({ call, now, load, turns }: Look, context: CallsContext): Change | undefined {
  const change = takeCall(call, now, load, context.rulesOf(call.site));
  if (change?.state !== 'dialing') return change;
  const site = siteOf(call, context.sites);
  const ways = site === undefined ? [] : routesAhead(call, routesOf(site));
  const turn = turns.choose(
    call.id,
    ways.flatMap(({ provider }) => context.providers.get(provider) ?? []),
  );
  // Where nobody can ring any more, the dial itself says so.
  if (turn === undefined) return change;
  // Kept with the claim: a process that dies now leaves behind by whom the call may have been made.
  return turn.waitUntil === undefined ? { ...change, provider: turn.provider.name } : wait(call, turn.waitUntil, now);
}
