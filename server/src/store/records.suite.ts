/** S160–S163: a call that is written down elsewhere has one record for each place, from whenever it is first asked for. */
import { expect } from 'vitest';
import type { Decide } from './call.ts';
import { type DefineCase, takeOne } from './case.suite.ts';

const LEASE_MS = 30_000;
const forget: Decide = (call) => (call.dueStep === 'forget' ? { forget: true } : undefined);

export function recordCases(define: DefineCase): void {
  define('S160', 'a record is written with the change that asks for it, beside the leads, and once', async ({ store, clock, draft }) => {
    const { id } = draft();
    await store.accept(draft({ id }), { limits: [] });
    const { taken } = await takeOne(store, (_, now) => ({ state: 'dialing', dueAt: now + LEASE_MS }));
    await store.settle(id, taken.fence, { state: 'placed', records: ['bridge:crm'] });
    clock.set(clock.now() + 1);
    await store.amend(id, () => ({ state: 'missed', records: ['bridge:crm'], leads: ['crm'] }));
    expect(await store.listMessages({}, 10)).toMatchObject([
      { id: `${id}.crm`, kind: 'lead', callId: id, site: taken.site, state: 'waiting' },
      { id: `${id}.bridge:crm`, kind: 'record', channel: 'bridge:crm', callId: id, state: 'waiting', createdAt: clock.now() - 1 },
    ]);
  });

  define('S161', 'a change that is not made writes no record', async ({ store, draft }) => {
    const { id } = draft();
    await store.accept(draft({ id }), { limits: [] });
    expect(await store.settle(id, 7, { state: 'dialing', records: ['bridge:crm'] })).toBeUndefined();
    expect(await store.amend(id, () => ({ state: 'connected', records: ['bridge:crm'] }))).toBeUndefined();
    expect(await store.listMessages({}, 10)).toEqual([]);
  });

  define(
    'S162',
    'a record of a call that connected is delivered like any other message, with its receipt',
    async ({ store, clock, draft }) => {
      const { id } = draft();
      await store.accept(draft({ id }), { limits: [] });
      const { taken } = await takeOne(store, (_, now) => ({ state: 'dialing', dueAt: now + LEASE_MS }));
      await store.settle(id, taken.fence, { state: 'placed', records: ['bridge:crm'] });
      await store.amend(id, () => ({ state: 'connected', records: ['bridge:crm'] }));
      const [first] = await store.takeMessages(10, LEASE_MS);
      const later = clock.now() + 5_000;
      await store.settleMessage(`${id}.bridge:crm`, first?.fence ?? -1, {
        state: 'waiting',
        dueAt: later,
        fault: 'call_running',
        receipt: 'card.1',
      });
      clock.set(later);
      const [second] = await store.takeMessages(10, LEASE_MS);
      expect(second).toMatchObject({ kind: 'record', receipt: 'card.1', attempts: 2 });
      expect(await store.settleMessage(`${id}.bridge:crm`, second?.fence ?? -1, { state: 'delivered' })).toBe(true);
      expect(await store.listMessages({ callId: id }, 10)).toMatchObject([{ state: 'delivered', receipt: 'card.1' }]);
    },
  );

  define('S163', 'a call is kept until its record is written, unless its number asks to be forgotten', async ({ store, clock, draft }) => {
    const asked = draft({ numberKey: 'same', holdMs: 0 });
    await store.accept(asked, { limits: [] });
    const over = { state: 'expired', endedAt: clock.now(), dueStep: 'forget', dueAt: clock.now(), records: ['bridge:crm'] } as const;
    await store.amend(asked.id, () => over);
    expect(await store.takeDue(10, forget)).toEqual([]);
    expect(await store.forgetNumber(['same'])).toBe(1);
    expect(await store.listMessages({}, 10)).toMatchObject([{ kind: 'record', state: 'needless', receipt: undefined }]);
    expect(await store.takeMessages(10, LEASE_MS)).toEqual([]);
  });
}
