/** S123–S129: a call is kept until the company has been told of it, unless its number asked to be forgotten. */
import { expect } from 'vitest';
import type { Change, Decide } from './call.ts';
import type { DefineCase, Given } from './case.suite.ts';
import type { Message } from './message.ts';
import { KEY_LIFE_MS, LEADS_KEPT_MS, SET_ASIDE_MS } from './store.ts';

const LEASE_MS = 30_000;

/** What stays of the messages of a forgotten call. */
const left = (id: string, callId: string, state: Message['state'], createdAt: number) =>
  expect.objectContaining({ id, callId, state, createdAt, dueAt: undefined, fault: undefined, receipt: undefined });

const forget: Decide = (call) => (call.dueStep === 'forget' ? { forget: true } : undefined);

/** A call that ended a moment ago, is due to be forgotten at once, and has a lead on each channel; its id. */
async function endAndForget({ store, clock, draft }: Given, leads: readonly string[], numberKey = 'same'): Promise<string> {
  const asked = draft({ numberKey, holdMs: 0, dialWithinMs: 0 });
  await store.accept(asked, { limits: [] });
  const change: Change = { state: 'expired', endedAt: clock.now(), dueStep: 'forget', dueAt: clock.now(), leads };
  await store.amend(asked.id, () => change);
  return asked.id;
}

export function forgottenLeadCases(define: DefineCase): void {
  define('S123', 'a call whose time is over is kept while a lead of it waits, and forgotten as soon as none does', async (given) => {
    const { store, clock } = given;
    const start = clock.now();
    const id = await endAndForget(given, ['crm', 'mail']);
    expect(await store.takeDue(10, forget)).toEqual([]);
    const [crm, mail] = await store.takeMessages(2, LEASE_MS);
    expect(await store.find(id)).toMatchObject({ dueStep: 'forget', sealedNumber: expect.stringContaining('sealed'), fence: 0 });

    await store.settleMessage(`${id}.crm`, crm?.fence ?? -1, { state: 'delivered', receipt: '17' });
    expect(await store.takeDue(10, forget)).toEqual([]);
    await store.settleMessage(`${id}.mail`, mail?.fence ?? -1, { state: 'waiting', dueAt: clock.now(), fault: 'timeout' });
    expect(await store.takeDue(10, forget)).toEqual([]);
    const [again] = await store.takeMessages(2, LEASE_MS);
    await store.settleMessage(`${id}.mail`, again?.fence ?? -1, { state: 'delivered' });

    expect(await store.nextDueAt()).toBe(start);
    expect((await store.takeDue(10, forget)).map(({ taken }) => taken.id)).toEqual([id]);
    expect(await store.find(id)).toMatchObject({ sealedNumber: '', dueAt: start + KEY_LIFE_MS });
    const kept = await store.listMessages({ callId: id }, 10);
    expect(kept).toEqual([left(`${id}.mail`, id, 'delivered', start), left(`${id}.crm`, id, 'delivered', start)]);
  });

  define('S124', 'a forgetting that was put off keeps no other call waiting', async (given) => {
    const waiting = await endAndForget(given, ['crm'], 'one');
    const told = await endAndForget(given, [], 'two');
    expect((await given.store.takeDue(1, forget)).map(({ taken }) => taken.id)).toEqual([told]);
    expect(await given.store.find(waiting)).toMatchObject({ dueStep: 'forget' });
  });

  define('S125', 'what was given up keeps its call for two weeks; then it is withdrawn with it, and is not tried again', async (given) => {
    const { store, clock } = given;
    const start = clock.now();
    const id = await endAndForget(given, ['crm']);
    const giveUp = async () => {
      const [taken] = await store.takeMessages(1, LEASE_MS);
      await store.settleMessage(`${id}.crm`, taken?.fence ?? -1, { state: 'quarantined', fault: 'access_denied' });
    };
    await giveUp();
    expect(await store.takeDue(10, forget)).toEqual([]);
    clock.set(start + LEADS_KEPT_MS - 1);
    expect(await store.takeDue(10, forget)).toEqual([]);
    expect(await store.retryQuarantined()).toBe(1);
    expect(await store.find(id)).toMatchObject({ sealedNumber: expect.stringContaining('sealed') });
    await giveUp();
    clock.set(start + LEADS_KEPT_MS + SET_ASIDE_MS);
    expect(await store.takeDue(10, forget)).toHaveLength(1);
    expect(await store.listMessages({}, 10)).toEqual([left(`${id}.crm`, id, 'needless', start)]);
    expect(await store.retryQuarantined()).toBe(0);
  });

  define('S126', 'who asks to be forgotten does not wait: not even a channel that holds the lead settles it', async (given) => {
    const { store, clock } = given;
    const id = await endAndForget(given, ['crm', 'mail', 'hook']);
    const other = await endAndForget(given, ['crm'], 'another');
    const [delivered, held] = await store.takeMessages(2, LEASE_MS);
    expect([delivered?.id, held?.id]).toEqual([`${id}.crm`, `${id}.hook`]);
    await store.settleMessage(`${id}.crm`, delivered?.fence ?? -1, { state: 'delivered', receipt: '17' });
    expect(await store.forgetNumber(['same'])).toBe(1);
    expect(await store.settleMessage(`${id}.hook`, held?.fence ?? -1, { state: 'delivered', receipt: '18' })).toBe(false);
    expect(await store.listMessages({ callId: id }, 10)).toEqual([
      left(`${id}.mail`, id, 'needless', clock.now()),
      left(`${id}.hook`, id, 'needless', clock.now()),
      left(`${id}.crm`, id, 'delivered', clock.now()),
    ]);
    expect(await store.takeMessages(10, LEASE_MS)).toMatchObject([{ id: `${other}.crm` }]);
  });

  define(
    'S127',
    'of a call that goes on after its number asked to be forgotten nobody is told any more',
    async ({ store, clock, draft }) => {
      const asked = draft();
      await store.accept(asked, { limits: [] });
      await store.amend(asked.id, () => ({ leads: ['mail'] }));
      expect(await store.forgetNumber([asked.numberKey])).toBe(0);
      expect(await store.takeMessages(10, LEASE_MS)).toEqual([]);
      expect(await store.amend(asked.id, () => ({ state: 'expired', leads: ['crm'] }))).toMatchObject({ sealedNumber: '' });
      expect(await store.takeMessages(10, LEASE_MS)).toEqual([]);
      expect(await store.listMessages({}, 10)).toEqual([left(`${asked.id}.mail`, asked.id, 'needless', clock.now())]);
    },
  );

  define('S128', 'a call that was forgotten has nothing left to tell', async (given) => {
    const { store } = given;
    const id = await endAndForget(given, []);
    expect(await store.takeDue(1, forget)).toHaveLength(1);
    expect(await store.amend(id, () => ({ leads: ['crm'] }))).toMatchObject({ id });
    expect(await store.listMessages({}, 10)).toEqual([]);
  });
}
