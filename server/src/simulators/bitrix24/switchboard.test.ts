import { expect, test } from 'vitest';
import { fakeClock } from '../fake-clock.ts';
import { failedCodeOf, switchboard, talkedSecondsOf } from './switchboard.ts';
import type { SimulatedCall } from './telephones.ts';

const ORDER = { callId: 'callback.1.1', line: 'reg1', number: '+4915123456789', announcement: 'Ring', voice: undefined };

function exchange() {
  const clock = fakeClock();
  const board = switchboard({ clock, ringMs: 30_000, announcementMs: 4_000 });
  const states: string[] = [];
  board.onChange((call) => states.push(`${call.agent}/${call.visitor}${call.endedAt === undefined ? '' : ' end'}`));
  board.dial(ORDER);
  return { clock, board, states, now: () => board.dials[0] as SimulatedCall };
}

test('the agent rings, hears the announcement, then the visitor rings, then both talk until one hangs up', async () => {
  const { clock, board, states, now } = exchange();
  expect(board.answer('visitor', ORDER.callId)).toBe(false);
  await clock.advance(5_000);
  expect(board.answer('agent', ORDER.callId)).toBe(true);
  expect(board.answer('agent', ORDER.callId)).toBe(false);
  await clock.advance(3_999);
  expect(now().visitor).toBe('waiting');
  await clock.advance(1);
  expect(board.answer('visitor', ORDER.callId)).toBe(true);
  await clock.advance(61_500);
  expect(board.hangUp('visitor', ORDER.callId)).toBe(true);
  expect(board.hangUp('agent', ORDER.callId)).toBe(false);
  expect(states).toEqual(['ringing/waiting', 'listening/waiting', 'listening/ringing', 'talking/talking', 'hung_up/hung_up end']);
  expect(now()).toMatchObject({ ...ORDER, endedAt: (now().connectedAt ?? 0) + 61_500 });
  expect([failedCodeOf(now()), talkedSecondsOf(now())]).toEqual(['200', 62]);
});

test('an agent who does not answer: the visitor is never rung', async () => {
  const { clock, states, now } = exchange();
  await clock.advance(29_999);
  expect(states).toEqual(['ringing/waiting']);
  await clock.advance(1);
  expect(states).toEqual(['ringing/waiting', 'unanswered/waiting end']);
  expect([failedCodeOf(now()), talkedSecondsOf(now())]).toEqual(['304', 0]);
  await clock.advance(600_000);
  expect(states).toHaveLength(2);
});

test('an agent who declines', () => {
  const { board, states, now } = exchange();
  expect(board.hangUp('visitor', ORDER.callId)).toBe(false);
  board.hangUp('agent', ORDER.callId);
  expect(states.at(-1)).toBe('declined/waiting end');
  expect(failedCodeOf(now())).toBe('603');
  expect(board.answer('agent', ORDER.callId)).toBe(false);
});

test('an agent who hangs up during the announcement: the visitor is never rung', async () => {
  const { clock, board, states, now } = exchange();
  board.answer('agent', ORDER.callId);
  board.hangUp('agent', ORDER.callId);
  await clock.advance(60_000);
  expect(states.at(-1)).toBe('hung_up/waiting end');
  expect(failedCodeOf(now())).toBe('603-S');
});

test('a visitor who does not answer, who declines, whose agent gives up', async () => {
  const ends: [string, (board: ReturnType<typeof exchange>) => unknown, string][] = [
    ['hung_up/unanswered end', ({ clock }) => clock.advance(30_000), '304'],
    ['hung_up/declined end', ({ board }) => board.hangUp('visitor', ORDER.callId), '486'],
    ['hung_up/hung_up end', ({ board }) => board.hangUp('agent', ORDER.callId), '603-S'],
  ];
  for (const [state, act, code] of ends) {
    const each = exchange();
    each.board.answer('agent', ORDER.callId);
    await each.clock.advance(4_000);
    await act(each);
    expect(each.states.at(-1)).toBe(state);
    expect(failedCodeOf(each.now())).toBe(code);
  }
});

test('a listener keeps what it was told, until it unsubscribes', () => {
  const { board } = exchange();
  const told: SimulatedCall[] = [];
  const stop = board.onChange((call) => told.push(call));
  board.answer('agent', ORDER.callId);
  board.hangUp('agent', ORDER.callId);
  expect(told.map(({ agent }) => agent)).toEqual(['listening', 'hung_up']);
  stop();
  board.dial({ ...ORDER, callId: 'callback.2.2' });
  expect(told).toHaveLength(2);
  expect(board.dials.map(({ callId }) => callId)).toEqual(['callback.1.1', 'callback.2.2']);
  expect(board.answer('agent', 'callback.3.3')).toBe(false);
});

test('a line that calls again does so under another id, as often as it is set to, and only where nobody answered', async () => {
  const clock = fakeClock();
  let ids = 1;
  const newCallId = () => `callback.${++ids}.1`;
  const board = switchboard({ clock, ringMs: 30_000, announcementMs: 4_000, redial: { attempts: 2, afterMs: 60_000, newCallId } });
  board.dial(ORDER);
  await clock.advance(600_000);
  expect(
    board.dials.map(({ callId, number, redial, dialledAt }) => [callId, number, redial, dialledAt - (board.dials[0]?.dialledAt ?? 0)]),
  ).toEqual([
    ['callback.1.1', ORDER.number, undefined, 0],
    ['callback.2.1', ORDER.number, 1, 90_000],
    ['callback.3.1', ORDER.number, 2, 180_000],
  ]);
  board.dial({ ...ORDER, callId: 'callback.9.1' });
  board.hangUp('agent', 'callback.9.1');
  await clock.advance(600_000);
  expect(board.dials).toHaveLength(4);
});
