/**
 * The one judge of every run: compares what the relay kept with who was really rung, against the promises of docs/flow.md. Knows
 * nothing of the relay but the moves that a call may make.
 */
import type { PublicState } from '../../contract/calls.ts';
import { type CallState, isEndState, MOVES } from '../../store/call.ts';
import type { Ask, DialCommand, Evidence, KeptCall, Ring } from './evidence.ts';

export interface Violation {
  readonly promise: 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6' | 'I7' | 'I8' | 'I10';
  /** Whose request it is about; undefined where it is about many. */
  readonly mark: string | undefined;
  readonly said: string;
}

/** `isOver`: enough time has passed that every call must have come to its end. */
export function checkPromises(evidence: Evidence, isOver: boolean): Violation[] {
  const asks = evidence.asks.flatMap((ask) => checkAsk(ask, evidence, isOver));
  return [
    ...asks,
    ...checkStrangers(evidence),
    ...checkWindows(evidence),
    ...checkHolds(evidence),
    ...checkBudgets(evidence),
    ...checkSlots(evidence),
  ];
}

function checkAsk(ask: Ask, evidence: Evidence, isOver: boolean): Violation[] {
  const { mark } = ask;
  const rings = evidence.rings.filter((ring) => ring.mark === mark);
  const commands = evidence.commands.filter((command) => command.mark === mark);
  const history = evidence.looks.flatMap(({ calls }) => calls.get(mark) ?? []);
  const kept = evidence.looks.at(-1)?.calls.get(mark);
  const found: Violation[] = [];
  const blame = (promise: Violation['promise'], said: string) => found.push({ promise, mark, said });

  if (rings.length > 1) blame('I1', `rang ${rings.length} times`);
  if (commands.filter(({ answer }) => answer !== 'not_sent').length > 1) blame('I1', 'was dialled again although it may have rung');
  checkClaim(kept, commands, blame);
  checkDeadline(ask, kept, commands, blame);
  checkAnswers(ask, kept, blame);
  checkHistory(history, blame);
  checkShown(ask, blame);
  if (ask.cancelled && commands.some(({ answer }) => answer !== 'not_sent')) blame('I8', 'was dialled although it had been taken back');
  if (kept !== undefined) checkTruth(kept, commands, rings, blame);
  if (isOver && kept !== undefined) {
    checkEnd(kept, ask, evidence, blame);
    checkCard(kept, evidence, blame);
  }
  return found;
}

type Blame = (promise: Violation['promise'], said: string) => void;

/** The look came after the commands, so each must have left its mark in the store before it left the relay. */
function checkClaim(kept: KeptCall | undefined, commands: readonly DialCommand[], blame: Blame): void {
  if (commands.length === 0) return;
  if (kept === undefined) blame('I3', 'was dialled, but no such call is kept');
  else if (kept.attempts < commands.length) blame('I3', `was dialled ${commands.length} times with ${kept.attempts} claims`);
}

function checkDeadline({ answers }: Ask, kept: KeptCall | undefined, commands: readonly DialCommand[], blame: Blame): void {
  const promised = answers.flatMap((answer) => (answer.kind === 'accepted' ? [answer.dialBefore] : []));
  const deadline = Math.min(...promised, kept?.dialBefore ?? Number.POSITIVE_INFINITY);
  const late = commands.filter(({ at }) => at >= deadline).map(({ at }) => at - deadline);
  if (late.length > 0) blame('I4', `was dialled ${Math.max(...late)} ms after its deadline`);
}

/** Who was told yes is kept, under the one name that every repeat is told; who was told no is not. */
function checkAnswers({ answers, sends }: Ask, kept: KeptCall | undefined, blame: Blame): void {
  const ids = new Set(answers.flatMap((answer) => (answer.kind === 'accepted' ? [answer.id] : [])));
  if (ids.size > 1) blame('I1', 'was accepted under several ids');
  const [id] = ids;
  if (id !== undefined && kept === undefined) blame('I5', 'was accepted and is lost');
  if (id !== undefined && kept !== undefined && kept.id !== id) blame('I5', 'is kept under another id than the visitor was told');
  // An answer that never came may have been a yes.
  const allRefused = id === undefined && answers.length === sends;
  if (allRefused && kept !== undefined) blame('I10', 'was refused and is kept all the same');
}

function checkHistory(history: readonly KeptCall[], blame: Blame): void {
  history.slice(1).forEach((after, index) => {
    const before = history[index];
    if (before === undefined) return;
    if (!isReachable(before.state, after.state)) blame('I8', `went back from ${before.state} to ${after.state}`);
    if (after.attempts < before.attempts || after.fence < before.fence) blame('I8', 'has forgotten a claim');
  });
}

/** How far each is along; the ends are all one, and no end becomes another. */
const SHOWN_ORDER: Readonly<Record<PublicState, number>> = {
  scheduled: 0,
  waiting: 1,
  calling: 2,
  talking: 3,
  done: 4,
  missed: 4,
  failed: 4,
  cancelled: 4,
};

function checkShown({ shown }: Ask, blame: Blame): void {
  shown.slice(1).forEach((after, index) => {
    const before = shown[index];
    if (before === undefined || before === after || SHOWN_ORDER[before] < SHOWN_ORDER[after]) return;
    blame('I8', `was shown as ${before}, then as ${after}`);
  });
}

/** Any number of moves lie between two looks. */
function isReachable(from: CallState, to: CallState): boolean {
  const seen = new Set<CallState>([from]);
  for (const state of seen) for (const next of MOVES[state]) seen.add(next);
  return seen.has(to);
}

/** States in which nothing may have been sent that could ring. */
const UNDIALLED: ReadonlySet<CallState> = new Set(['scheduled', 'accepted', 'expired', 'cancelled']);

/** What is kept may know less than what happened, but nothing else. */
function checkTruth(kept: KeptCall, commands: readonly DialCommand[], rings: readonly Ring[], blame: Blame): void {
  const mayHaveRung = commands.some(({ answer }) => answer === 'placed' || answer === 'unclear');
  if (mayHaveRung && UNDIALLED.has(kept.state)) blame('I1', `may have rung and stands as ${kept.state}`);
  if (rings.length > 0 && kept.state === 'refused') blame('I8', 'rang and stands as refused');
  if (kept.state === 'connected' && !rings.some(({ connected }) => connected)) blame('I8', 'stands as connected and nobody talked');
  if (kept.state === 'missed' && rings.some(({ connected }) => connected)) blame('I8', 'stands as missed although they talked');
}

function checkEnd(kept: KeptCall, { mark, number }: Ask, { rules, rings, leads, looks }: Evidence, blame: Blame): void {
  if (!isEndState(kept.state)) {
    blame('I5', `still stands as ${kept.state}`);
    return;
  }
  const told = leads.filter(({ callId }) => callId === kept.id);
  const ids = new Set(told.map(({ messageId }) => messageId));
  if (ids.size > rules.channels) blame('I6', `was told of under ${ids.size} ids`);
  if (kept.state === 'connected' || kept.state === 'cancelled' || kept.isForgotten || rules.channels === 0) return;
  // Of what stayed unclear the company hears long before it is given up. Nobody can be told while no relay runs.
  if (kept.state === 'abandoned') {
    const unclearFrom = Math.max(kept.placedAt ?? 0, looks.at(-1)?.since ?? 0);
    const waited = Math.min(kept.leadAt ?? Number.POSITIVE_INFINITY, kept.endedAt ?? Number.POSITIVE_INFINITY) - unclearFrom;
    if (waited > rules.toldWithinMs) blame('I6', `was unclear for ${waited} ms before anybody was to be told`);
  }
  if (kept.talkedLater) {
    // Which of two calls to one number it was that connected may be unknown; that they talked may not.
    const hasTalked = rings.some((ring) => ring.number === number && ring.connected && ring.at >= kept.acceptedAt);
    if (!hasTalked) blame('I6', 'is noted as connected later, and nobody talked');
    return;
  }
  const hasRung = rings.some((ring) => ring.mark === mark);
  if (told.length === 0) blame('I6', `ended as ${kept.state}${hasRung ? ' after it rang' : ''} and nobody was told`);
}

/** Whoever looks into the CRM finds every conversation there, once, unless the relay was away for longer than the portal remembers. */
function checkCard(kept: KeptCall, { rules, cards }: Evidence, blame: Blame): void {
  const mine = cards.filter(({ callId }) => callId === kept.id);
  const times = mine.map(({ registeredAt }) => registeredAt).sort((a, b) => a - b);
  const isDoubled = times.some((time, index) => time - (times[index - 1] ?? Number.NEGATIVE_INFINITY) < rules.cardKnownForMs);
  if (isDoubled) blame('I6', `was written down ${mine.length} times`);
  const isDue = kept.site === rules.bridgedSite && kept.state === 'connected' && kept.provider !== rules.cardAccount && !kept.isForgotten;
  if (isDue && !mine.some(({ endings }) => endings > 0)) blame('I6', 'was connected and is not written down');
}

/** A dial that belongs to no request at all. */
function checkStrangers({ asks, commands }: Evidence): Violation[] {
  const known = new Set(asks.map(({ mark, number }) => `${mark} ${number}`));
  return commands
    .filter(({ mark, number }) => !known.has(`${mark} ${number}`))
    .map(({ mark }) => ({ promise: 'I1' as const, mark, said: 'was dialled, but nobody had asked for that' }));
}

/** Dials are limited exactly, whenever they were asked for: at once, after a wait for the line, or for a slot. */
function checkWindows({ rules, commands }: Evidence): Violation[] {
  return [...new Set(commands.map(({ number }) => number))].flatMap((number) => {
    const dialled = commands.flatMap((command) => (command.number === number && command.answer !== 'not_sent' ? command.at : []));
    return rules.number
      .filter(({ max, perMs }) => isCrowded(dialled, max, perMs))
      .map(({ max, perMs }) => ({
        promise: 'I2' as const,
        mark: undefined,
        said: `one number was dialled more than ${max} times in ${perMs} ms`,
      }));
  });
}

/** Ends after which somebody may have been rung, and everybody knows when. */
const KNOWN_ENDS: ReadonlySet<CallState> = new Set(['connected', 'missed', 'refused']);

/** One active call per number, and the cooldown after it: of two acceptances the later one must lie behind all that holds for the earlier. */
function checkHolds({ rules, asks, looks }: Evidence): Violation[] {
  const kept = looks.at(-1)?.calls;
  const calls = asks.flatMap(({ mark, number }) => {
    const call = kept?.get(mark);
    return call === undefined ? [] : [{ mark, number, call }];
  });
  return calls.flatMap(({ mark, number, call: { acceptedAt, scheduledFor, endedAt, state } }) => {
    const heldUntil = Math.min(endedAt ?? Number.POSITIVE_INFINITY, (scheduledFor ?? acceptedAt) + rules.heldMs);
    const coolFrom = KNOWN_ENDS.has(state) ? (endedAt ?? 0) : 0;
    const later = calls.filter((other) => other.number === number && other.mark !== mark && other.call.acceptedAt >= acceptedAt);
    return later.flatMap(({ mark: next, call: { acceptedAt: at } }) => {
      if (at < heldUntil) return [{ promise: 'I2' as const, mark: next, said: `was accepted while ${mark} had a call to the number` }];
      // In the very moment of the end it may have come first, when the number's time had run out.
      if (at <= coolFrom || at >= coolFrom + rules.cooldownMs) return [];
      return [{ promise: 'I2' as const, mark: next, said: `was accepted ${at - coolFrom} ms after the end of the call of ${mark}` }];
    });
  });
}

function isCrowded(times: readonly number[], max: number, perMs: number): boolean {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted.some((time, index) => (sorted[index + max] ?? Number.POSITIVE_INFINITY) - time < perMs);
}

/** Reservations of these have been given back. */
const FREE: ReadonlySet<CallState> = new Set(['expired', 'cancelled', 'refused']);

const DAY_MS = 86_400_000;

/** Each day has its own; a call costs on the day on which it is to be made. */
function checkBudgets({ rules: { budget }, looks }: Evidence): Violation[] {
  const spent = new Map<string, number>();
  for (const { site, state, acceptedAt, scheduledFor } of looks.at(-1)?.calls.values() ?? []) {
    if (FREE.has(state)) continue;
    const purse = `${site} on day ${Math.floor(((scheduledFor ?? acceptedAt) + budget.zoneOffsetMs) / DAY_MS)}`;
    spent.set(purse, (spent.get(purse) ?? 0) + budget.perCall);
  }
  return [...spent]
    .filter(([, amount]) => amount > budget.perDay)
    .map(([purse, amount]) => ({ promise: 'I7' as const, mark: undefined, said: `${purse} has spent ${amount} of ${budget.perDay}` }));
}

/** A place is free again once its call has been taken back. */
function checkSlots({ rules: { slotCapacity }, looks }: Evidence): Violation[] {
  const taken = new Map<string, number>();
  for (const { site, state, scheduledFor } of looks.at(-1)?.calls.values() ?? []) {
    if (scheduledFor === undefined || state === 'cancelled') continue;
    const slot = `${site} at ${new Date(scheduledFor).toISOString()}`;
    taken.set(slot, (taken.get(slot) ?? 0) + 1);
  }
  return [...taken]
    .filter(([, count]) => count > slotCapacity)
    .map(([slot, count]) => ({ promise: 'I2' as const, mark: undefined, said: `${slot} was taken ${count} times` }));
}
