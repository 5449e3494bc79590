/** Opening hours, departments and slots from outside, over the real store, with the provider's log of dials as the truth. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CallAccepted } from '../contract/calls.ts';
import type { Problem } from '../contract/problems.ts';
import { type Asked, type TimedRelay, timedRelay, workdays } from '../simulators/timed-relay.ts';

const NOON = '2026-01-05T12:00:00+01:00';
const TOMORROW = '2026-01-06T11:00:00+01:00';

let relay: TimedRelay;

beforeEach(() => {
  relay = timedRelay();
});

afterEach(() => relay.close());

async function accepted(asked: Asked = {}): Promise<CallAccepted> {
  const response = await relay.ask(asked);
  expect(response.status).toBe(202);
  return (await response.json()) as CallAccepted;
}

async function refused(asked: Asked = {}): Promise<Problem> {
  return (await (await relay.ask(asked)).json()) as Problem;
}

const iso = (text: string) => new Date(text).toISOString().replace('.000Z', 'Z');

describe('calls for now', () => {
  test('are taken while somebody is there', async () => {
    expect((await accepted()).state).toBe('waiting');
    relay.clock.set(Date.parse('2026-01-05T17:59:59+01:00'));
    expect((await relay.ask()).status).toBe(202);
  });

  test('are refused while nobody is, with the moment of the next opening, and leave no trace', async () => {
    relay.clock.set(Date.parse('2026-01-09T18:00:00+01:00'));
    const problem = await refused();
    expect(problem).toMatchObject({ status: 409, code: 'closed', opensAt: iso('2026-01-12T09:00:00+01:00') });
    relay.clock.set(Date.parse('2026-01-12T09:00:00+01:00'));
    expect((await relay.ask()).status).toBe(202);
    await relay.passUntil(relay.clock.now() + 1);
    expect(relay.dials).toHaveLength(1);
  });

  test('keep to the hours of the department that is asked for', async () => {
    expect(await refused({ department: 'repairs' })).toMatchObject({ code: 'closed', opensAt: iso('2026-01-05T11:00:00+01:00') });
    expect((await relay.ask({ department: 'sales' })).status).toBe(202);
    expect(await refused({ department: 'toString' })).toMatchObject({ code: 'invalid_request', detail: 'department' });
  });

  test('that were accepted stay accepted when they are repeated after closing', async () => {
    const asked = { key: crypto.randomUUID(), phone: '0151 23456789' };
    const { id } = await accepted(asked);
    relay.clock.set(Date.parse('2026-01-05T20:00:00+01:00'));
    expect((await accepted(asked)).id).toBe(id);
  });

  test('abroad keep to the day of whoever is called', async () => {
    // Four in the morning in New York; Adak in Alaska is the last to get up, at 19:00 in Berlin, and then the shop is closed.
    expect(await refused({ phone: '+1 212 555 2368' })).not.toHaveProperty('opensAt');
    relay.change({ hours: workdays('09:00-20:00') });
    expect(await refused({ phone: '+1 212 555 2369' })).toMatchObject({
      code: 'closed',
      detail: 'phone',
      opensAt: iso('2026-01-05T19:00:00+01:00'),
    });
    relay.change({ calleeHours: undefined });
    expect((await relay.ask({ phone: '+1 212 555 2368' })).status).toBe(202);
  });
});

describe('calls at a slot', () => {
  test('are planned, told of, and dialled then and not before', async () => {
    const call = await accepted({ at: NOON });
    expect(call).toMatchObject({ state: 'scheduled', dialBefore: new Date('2026-01-05T12:05:00+01:00').toISOString() });
    expect(await relay.follow(call)).toMatchObject({ state: 'scheduled', dueAt: new Date(NOON).toISOString(), final: false });
    await relay.passUntil(Date.parse(NOON) - 1);
    expect(relay.dials).toEqual([]);
    await relay.passUntil('2026-01-05T12:02:10+01:00');
    expect(relay.dials).toHaveLength(1);
    expect((await relay.follow(call)).state).toBe('calling');
  });

  test('may be asked for while nobody is there', async () => {
    relay.clock.set(Date.parse('2026-01-05T22:00:00+01:00'));
    expect((await accepted({ at: TOMORROW })).state).toBe('scheduled');
  });

  test('of a full hour do not burst: they are spread over two minutes, and all are called', async () => {
    relay.change({ slots: { everyMinutes: 60, capacity: 40, daysAhead: 1 }, budget: { perCall: 1, perDay: 1_000 } });
    for (let nth = 0; nth < 40; nth++) await accepted({ at: NOON });
    await relay.passUntil('2026-01-05T12:05:00+01:00');
    const late = relay.dials.map(({ at }) => at - Date.parse(NOON));
    expect(late).toHaveLength(40);
    expect(Math.min(...late)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...late)).toBeLessThanOrEqual(130_000);
    for (let from = 0; from <= 130_000; from += 10_000) {
      expect(late.filter((each) => each >= from && each < from + 10_000).length).toBeLessThan(12);
    }
  });

  test('ring the department, with its words', async () => {
    await accepted({ at: NOON, department: 'repairs' });
    await relay.passUntil('2026-01-05T12:03:00+01:00');
    expect(relay.dials).toMatchObject([{ line: 'reg1340', announcement: 'For repairs.' }]);
  });

  test.each([
    ['beside the grid', { at: '2026-01-05T12:10:00+01:00' }],
    ['past', { at: '2026-01-05T09:30:00+01:00' }],
    ['at night', { at: '2026-01-05T22:00:00+01:00' }],
    ['too far ahead', { at: '2026-01-13T11:00:00+01:00' }],
    ['at which the department is away', { at: '2026-01-05T16:00:00+01:00', department: 'repairs' }],
    ['at which the callee sleeps', { at: NOON, phone: '+1 212 555 2368' }],
  ])('%s are not to be had', async (_, asked) => {
    expect(await refused(asked)).toMatchObject({ status: 409, code: 'slot_unavailable', detail: 'at' });
  });

  test('are not to be had where none are offered', async () => {
    relay.change({ slots: undefined });
    expect(await refused({ at: NOON })).toMatchObject({ code: 'slot_unavailable' });
  });

  test('the last place goes to one of fifty who ask at once', async () => {
    await accepted({ at: NOON });
    const answers = await Promise.all(Array.from({ length: 50 }, () => relay.ask({ at: NOON })));
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(49);
    expect((await accepted({ at: NOON, department: 'sales' })).state).toBe('scheduled');
  });

  test('a place that was given back is free again', async () => {
    await accepted({ at: NOON });
    const call = await accepted({ at: NOON });
    expect((await relay.ask({ at: NOON })).status).toBe(409);
    expect((await relay.cancel(call)).status).toBe(200);
    expect((await relay.ask({ at: NOON })).status).toBe(202);
    await relay.passUntil('2026-01-05T12:05:00+01:00');
    expect(relay.dials).toHaveLength(2);
  });

  test('end with a lead where the site has closed since', async () => {
    const call = await accepted({ at: TOMORROW });
    relay.change({ hours: workdays('09:00-18:00', new Map([['2026-01-06', []]])), channels: ['crm'] });
    await relay.passUntil('2026-01-06T11:05:00+01:00');
    await relay.passUntil(relay.clock.now() + 1);
    expect(relay.dials).toEqual([]);
    expect(await relay.follow(call)).toMatchObject({ state: 'failed', final: true });
    expect(await relay.store.listMessages({ callId: call.id }, 10)).toMatchObject([{ kind: 'lead', channel: 'crm' }]);
  });
});

describe('the budget', () => {
  test('that pays is that of the slot’s day: today may be spent', async () => {
    relay.change({ budget: { perCall: 1, perDay: 1 } });
    expect((await relay.ask()).status).toBe(202);
    expect(await refused()).toMatchObject({ code: 'unavailable' });
    expect(await refused({ at: NOON })).toMatchObject({ code: 'slot_unavailable' });
    expect((await relay.ask({ at: TOMORROW })).status).toBe(202);
  });

  test('of a day is not passed by those who planned and those who come on the day', async () => {
    relay.change({ budget: { perCall: 1, perDay: 3 }, slots: { everyMinutes: 30, capacity: 100, daysAhead: 7 } });
    const planned = await Promise.all(Array.from({ length: 10 }, () => relay.ask({ at: TOMORROW })));
    expect(planned.filter(({ status }) => status === 202)).toHaveLength(3);
    relay.clock.set(Date.parse('2026-01-06T09:30:00+01:00'));
    expect((await relay.ask()).status).toBe(503);
  });
});

test('a day whose budget is spent offers no times, and one that was shown before is refused', async () => {
  relay.change({ budget: { perCall: 1, perDay: 2 } });
  expect((await relay.view()).slots).toContain(iso(NOON));
  await accepted();
  await accepted();
  relay.clock.set(relay.clock.now() + 15_000);
  const { slots = [] } = await relay.view();
  expect(slots[0]).toBe(iso('2026-01-06T09:00:00+01:00'));
  expect(await refused({ at: NOON })).toMatchObject({ code: 'slot_unavailable' });
  expect((await relay.ask({ at: TOMORROW })).status).toBe(202);
});
