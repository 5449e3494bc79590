/** The judge is judged: handmade evidence in which all is well, and one planted fault at a time. */
import { expect, test } from 'vitest';
import { checkPromises } from './check-promises.ts';
import type { Ask, DialCommand, Evidence, KeptCall, Lead, Ring } from './evidence.ts';

const START = Date.UTC(2026, 0, 5, 9);
const DEADLINE = START + 120_000;

const ask = (changes: Partial<Ask> = {}): Ask => ({
  mark: 'Ann',
  key: 'key-ann',
  site: 'shop',
  number: '+4915112345601',
  sends: 1,
  answers: [{ kind: 'accepted', at: START, id: 'call-ann', dialBefore: DEADLINE }],
  shown: ['waiting', 'calling', 'missed'],
  cancelled: false,
  ...changes,
});

const kept = (changes: Partial<KeptCall> = {}): KeptCall => ({
  id: 'call-ann',
  site: 'shop',
  state: 'missed',
  attempts: 1,
  provider: undefined,
  fence: 2,
  acceptedAt: START,
  scheduledFor: undefined,
  dialBefore: DEADLINE,
  placedAt: START + 1_000,
  endedAt: START + 31_000,
  isForgotten: false,
  talkedLater: false,
  leadAt: START + 31_000,
  ...changes,
});

const command = (changes: Partial<DialCommand> = {}): DialCommand => ({
  mark: 'Ann',
  number: '+4915112345601',
  at: START + 1_000,
  answer: 'placed',
  ...changes,
});

const ring = (changes: Partial<Ring> = {}): Ring => ({
  mark: 'Ann',
  number: '+4915112345601',
  at: START + 1_000,
  connected: false,
  ...changes,
});

const lead = (changes: Partial<Lead> = {}): Lead => ({ at: START + 60_000, messageId: 'lead-ann', callId: 'call-ann', ...changes });

const look = (calls: Readonly<Record<string, KeptCall>>) => ({
  at: START + 7_200_000,
  since: START,
  calls: new Map(Object.entries(calls)),
});

/** One call that rang, was missed and was told of; changed where the test plants a fault. */
const evidence = (changes: Partial<Evidence> = {}): Evidence => ({
  rules: {
    number: [{ max: 2, perMs: 900_000 }],
    cooldownMs: 60_000,
    heldMs: 90_000,
    toldWithinMs: 180_000,
    budget: { perCall: 1, perDay: 3, zoneOffsetMs: 0 },
    slotCapacity: 2,
    bridgedSite: 'desk',
    cardAccount: 'spare',
    cardKnownForMs: 1_800_000,
    channels: 1,
  },
  asks: [ask()],
  commands: [command()],
  rings: [ring()],
  looks: [look({ Ann: kept() })],
  leads: [lead()],
  cards: [],
  ...changes,
});

const found = (changes: Partial<Evidence>, isOver = true) =>
  checkPromises(evidence(changes), isOver).map(({ promise, said }) => `${promise} ${said}`);

test('a run in which all promises were kept is not blamed', () => {
  expect(found({})).toEqual([]);
});

test('a telephone that rang twice for one request', () => {
  const commands = [command(), command({ at: START + 21_000 })];
  const looks = [look({ Ann: kept({ attempts: 2 }) })];
  expect(found({ commands, rings: [ring(), ring({ at: START + 21_000 })], looks })).toEqual([
    'I1 rang 2 times',
    'I1 was dialled again although it may have rung',
  ]);
});

test('a second command although nobody knew what had become of the first, even if nobody was rung', () => {
  const commands = [command({ answer: 'unclear' }), command({ at: START + 21_000, answer: 'unclear' })];
  const looks = [look({ Ann: kept({ state: 'abandoned', attempts: 2 }) })];
  expect(found({ commands, rings: [], looks })).toEqual(['I1 was dialled again although it may have rung']);
});

test('a second command is right where the first was turned away before anybody could be rung', () => {
  const commands = [command({ answer: 'not_sent' }), command({ at: START + 3_000 })];
  expect(found({ commands, looks: [look({ Ann: kept({ attempts: 2 }) })] })).toEqual([]);
});

test('a repeat that was accepted as another call', () => {
  const answers = ['call-ann', 'call-other'].map((id) => ({ kind: 'accepted', at: START, id, dialBefore: DEADLINE }) as const);
  expect(found({ asks: [ask({ answers })] })).toEqual(['I1 was accepted under several ids']);
});

test('a dial that nobody had asked for', () => {
  expect(found({ commands: [command(), command({ mark: 'Nobody' })] })).toEqual(['I1 was dialled, but nobody had asked for that']);
});

test('a call that may have rung and waits to be dialled', () => {
  const looks = [look({ Ann: kept({ state: 'accepted' }) })];
  expect(found({ looks, commands: [command({ answer: 'unclear' })] }, false)).toEqual(['I1 may have rung and stands as accepted']);
});

test('one number that was dialled more often than its window allows', () => {
  const marks = ['Ann', 'Ben', 'Cas'];
  const asks = marks.map((mark) => ask({ mark, key: mark, answers: [] }));
  const commands = marks.map((mark, index) => command({ mark, at: START + index * 30_000 }));
  const rings = commands.map(({ mark, at }) => ring({ mark, at }));
  const calls = marks.map((mark, index) => [mark, kept({ id: mark, acceptedAt: START + index * 900_000 })] as const);
  const leads = marks.map((mark) => lead({ messageId: mark, callId: mark }));
  expect(found({ asks, commands, rings, looks: [look(Object.fromEntries(calls))], leads })).toEqual([
    'I2 one number was dialled more than 2 times in 900000 ms',
  ]);
});

test('a dial of which the store knows nothing', () => {
  expect(found({ looks: [look({ Ann: kept({ attempts: 0 }) })] })).toEqual(['I3 was dialled 1 times with 0 claims']);
  expect(found({ asks: [ask({ answers: [] })], looks: [look({})] })).toEqual(['I3 was dialled, but no such call is kept']);
});

test('a dial at the very deadline is late', () => {
  expect(found({ commands: [command({ at: DEADLINE - 1 })] })).toEqual([]);
  expect(found({ commands: [command({ at: DEADLINE })] })).toEqual(['I4 was dialled 0 ms after its deadline']);
});

test('a call that was promised and is lost', () => {
  expect(found({ looks: [look({})], commands: [], rings: [] })).toEqual(['I5 was accepted and is lost']);
});

test('a call that never ends, once enough time has passed', () => {
  const looks = [look({ Ann: kept({ state: 'uncertain' }) })];
  expect(found({ looks }, false)).toEqual([]);
  expect(found({ looks }, true)).toEqual(['I5 still stands as uncertain']);
});

test('a customer of whom nobody was told, and one who was told of as if he were two', () => {
  expect(found({ leads: [] })).toEqual(['I6 ended as missed after it rang and nobody was told']);
  expect(found({ leads: [lead(), lead()] })).toEqual([]);
  expect(found({ leads: [lead(), lead({ messageId: 'lead-other' })] })).toEqual(['I6 was told of under 2 ids']);
});

test('a budget that was passed', () => {
  const calls = ['Ann', 'Ben', 'Cas', 'Dee'].map((mark) => [mark, kept({ id: mark, state: 'placed' })] as const);
  const others = { asks: [ask({ answers: [] })], looks: [look(Object.fromEntries(calls))] };
  expect(found(others, false)).toEqual([`I7 shop on day ${Math.floor(START / 86_400_000)} has spent 4 of 3`]);
});

test('each day has its own budget, and a chosen time counts for its own day', () => {
  const tomorrow = START + 86_400_000;
  const days = [{}, {}, {}, { scheduledFor: tomorrow }, { acceptedAt: tomorrow }];
  const calls = days.map((day, index) => [String(index), kept({ id: String(index), state: 'placed', ...day })] as const);
  expect(found({ asks: [], commands: [], rings: [], looks: [look(Object.fromEntries(calls))] }, false)).toEqual([]);
});

test('a slot that was given away more often than it has places', () => {
  const states = ['missed', 'placed', 'cancelled'] as const;
  const calls = states.map((state, index) => [String(index), kept({ state, scheduledFor: START })] as const);
  const others = { asks: [], commands: [], rings: [] };
  expect(found({ ...others, looks: [look(Object.fromEntries(calls))] }, false)).toEqual([]);
  const third = ['one more', kept({ scheduledFor: START })] as const;
  expect(found({ ...others, looks: [look(Object.fromEntries([...calls, third]))] }, false)).toEqual([
    'I2 shop at 2026-01-05T09:00:00.000Z was taken 3 times',
  ]);
});

test('what was given back is no longer spent', () => {
  const states = ['missed', 'placed', 'placed', 'expired', 'cancelled', 'refused'] as const;
  const calls = states.map((state, index) => [index === 0 ? 'Ann' : state + index, kept({ id: `call-${index}`, state })] as const);
  expect(found({ asks: [ask({ answers: [] })], looks: [look(Object.fromEntries(calls))] }, false)).toEqual([]);
});

test('a call that went back, or forgot that it had been claimed', () => {
  const looks = [look({ Ann: kept({ state: 'placed', fence: 3 }) }), look({ Ann: kept({ state: 'uncertain', fence: 2 }) })];
  expect(found({ looks }, false)).toEqual(['I8 went back from placed to uncertain', 'I8 has forgotten a claim']);
});

test('a visitor who was shown a step back', () => {
  expect(found({ asks: [ask({ shown: ['calling', 'waiting'] })] })).toEqual(['I8 was shown as calling, then as waiting']);
  expect(found({ asks: [ask({ shown: ['missed', 'done'] })] })).toEqual(['I8 was shown as missed, then as done']);
});

test('a call that was taken back and dialled all the same', () => {
  const looks = [look({ Ann: kept({ state: 'cancelled' }) })];
  const asks = [ask({ cancelled: true, shown: [] })];
  expect(found({ asks, looks })).toContain('I8 was dialled although it had been taken back');
});

test('an end that did not happen', () => {
  const connected = [look({ Ann: kept({ state: 'connected' }) })];
  expect(found({ looks: connected })).toEqual(['I8 stands as connected and nobody talked']);
  expect(found({ looks: connected, rings: [ring({ connected: true })] })).toEqual([]);
  expect(found({ rings: [ring({ connected: true })] })).toEqual(['I8 stands as missed although they talked']);
  expect(found({ looks: [look({ Ann: kept({ state: 'refused' }) })] })).toEqual(['I8 rang and stands as refused']);
});

test('a refused request that is kept', () => {
  const answers = [{ kind: 'refused', at: START, code: 'rate_limited' } as const];
  const looks = [look({ Ann: kept({ state: 'expired', attempts: 0 }) })];
  const others = { looks, commands: [], rings: [] };
  expect(found({ asks: [ask({ answers })], ...others })).toEqual(['I10 was refused and is kept all the same']);
  // Sent once more to a relay that died before it could answer: that may have been a yes.
  expect(found({ asks: [ask({ answers, sends: 2 })], ...others })).toEqual([]);
});

/** Two calls to one number: Ann's, as she left it, and Bob's, who was accepted so long after her. */
const twoOf = (ann: Partial<KeptCall>, bobAfterMs: number) => {
  const at = START + bobAfterMs;
  const bob = { id: 'call-bob', acceptedAt: at, dialBefore: at + 120_000, placedAt: at + 1_000, endedAt: at + 31_000, leadAt: at + 31_000 };
  const answers = [{ kind: 'accepted', at, id: 'call-bob', dialBefore: at + 120_000 } as const];
  return {
    asks: [ask(), ask({ mark: 'Bob', key: 'key-bob', answers })],
    commands: [command(), command({ mark: 'Bob', at: at + 1_000 })],
    rings: [ring(), ring({ mark: 'Bob', at: at + 1_000 })],
    looks: [look({ Ann: kept(ann), Bob: kept(bob) })],
    leads: [lead(), lead({ messageId: 'lead-bob', callId: 'call-bob' })],
  };
};

test('a second call to a number that already has one', () => {
  expect(found(twoOf({}, 30_999))).toEqual(['I2 was accepted while Ann had a call to the number']);
});

test('a second call to a number within the cooldown, to the millisecond', () => {
  expect(found(twoOf({}, 90_999))).toEqual(['I2 was accepted 59999 ms after the end of the call of Ann']);
  expect(found(twoOf({}, 91_000))).toEqual([]);
});

test('a call that had outlasted the hold on its number may end in the moment in which the next one is accepted', () => {
  expect(found(twoOf({ endedAt: START + 1_000_000, leadAt: START + 1_000_000 }, 1_000_000))).toEqual([]);
});

test('a number whose call is unclear is held for its time, and then free', () => {
  const unclear = { state: 'abandoned', placedAt: START + 16_000, endedAt: START + 3_616_000, leadAt: START + 76_000 } as const;
  expect(found(twoOf(unclear, 89_999))).toEqual(['I2 was accepted while Ann had a call to the number']);
  expect(found(twoOf(unclear, 106_000))).toEqual([]);
});

test('an unclear call of which the company hears only when it is given up', () => {
  const unclear = { state: 'abandoned', placedAt: START + 16_000, endedAt: START + 3_616_000 } as const;
  const at = (leadAt: number) => found({ looks: [look({ Ann: kept({ ...unclear, leadAt }) })] });
  expect(at(START + 196_000)).toEqual([]);
  expect(at(START + 3_616_000)).toEqual(['I6 was unclear for 3600000 ms before anybody was to be told']);
});

test('nobody can be told while no relay runs', () => {
  const unclear = { state: 'abandoned', placedAt: START + 16_000, endedAt: START + 3_616_000, leadAt: START + 3_000_000 } as const;
  expect(found({ looks: [{ ...look({ Ann: kept(unclear) }), since: START + 2_900_000 }] })).toEqual([]);
});

test('of a call that was forgotten nobody is told any more', () => {
  expect(found({ looks: [look({ Ann: kept({ isForgotten: true }) })], leads: [] })).toEqual([]);
});

test('a conversation that is not written down, or twice', () => {
  const looks = [look({ Ann: kept({ site: 'desk', state: 'connected' }) })];
  const rings = [ring({ connected: true })];
  const card = { callId: 'call-ann', registeredAt: START, endings: 1 };
  expect(found({ looks, rings, cards: [card] })).toEqual([]);
  expect(found({ looks, rings })).toEqual(['I6 was connected and is not written down']);
  const again = (afterMs: number) => found({ looks, rings, cards: [card, { ...card, registeredAt: START + afterMs }] });
  expect(again(1_799_999)).toEqual(['I6 was written down 2 times']);
  // The portal itself has forgotten by then what was registered.
  expect(again(1_800_000)).toEqual([]);
});

test('a call that is said to have been repeated by the provider, and of which nobody is told', () => {
  const looks = [look({ Ann: kept({ talkedLater: true }) })];
  expect(found({ looks, leads: [] })).toEqual(['I6 is noted as connected later, and nobody talked']);
  const others = [ring(), ring({ mark: 'Ben', at: START + 200_000, connected: true })];
  expect(found({ looks, leads: [], rings: others })).toEqual([]);
});
