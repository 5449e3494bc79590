/** S110–S122, S164, S165, S180, S181: the company is told at least once and by one sender at a time (I6), and of nobody who was forgotten. */
import fc from 'fast-check';
import { expect } from 'vitest';
import type { Change } from './call.ts';
import { type DefineCase, type Given, type OpenStore, takeOne, withStore } from './case.suite.ts';
import type { Message, MessageChange, NoticeDraft, NoticeWords } from './message.ts';

const LEASE_MS = 30_000;
const HOUR_MS = 3_600_000;
const END: Change = { state: 'expired', dueStep: undefined, dueAt: undefined };

const noticeOf = (wishes: Partial<NoticeWords> = {}): NoticeDraft => ({
  topic: 'provider:main:access_denied',
  channel: 'mail',
  text: 'The portal refuses us.',
  quietMs: HOUR_MS,
  ...wishes,
});

/** A call that has ended and left a lead on each channel; its id. */
async function endWithLeads({ store, draft }: Given, leads: readonly string[], change: Change = END): Promise<string> {
  const { id } = draft({ holdMs: 0 });
  await store.accept(draft({ id, holdMs: 0 }), { limits: [] });
  await store.amend(id, () => ({ ...change, leads }));
  return id;
}

export function messageCases(define: DefineCase, open: OpenStore): void {
  define('S110', 'a change of a call writes a lead for each channel, due at once', async (given) => {
    const { store, clock } = given;
    const callId = await endWithLeads(given, ['crm', 'mail']);
    const lead: Message = {
      id: `${callId}.mail`,
      kind: 'lead',
      channel: 'mail',
      site: 'default',
      callId,
      topic: undefined,
      text: undefined,
      state: 'waiting',
      createdAt: clock.now(),
      dueAt: clock.now(),
      attempts: 0,
      fence: 0,
      fault: undefined,
      receipt: undefined,
    };
    expect(await store.listMessages({}, 10)).toEqual([lead, { ...lead, id: `${callId}.crm`, channel: 'crm' }]);
    expect(await store.find(callId)).not.toHaveProperty('leads');
  });

  define('S111', 'a change that is not made tells nobody', async ({ store, draft }) => {
    const { id } = draft();
    await store.accept(draft({ id }), { limits: [] });
    const { taken } = await takeOne(store, (_, now) => ({ state: 'dialing', dueAt: now + LEASE_MS }));
    const leads = ['crm'];
    expect(await store.settle(id, taken.fence - 1, { state: 'refused', leads })).toBeUndefined();
    expect(await store.settle(id, taken.fence, { state: 'connected', leads })).toBeUndefined();
    expect(await store.amend(id, () => ({ state: 'cancelled', leads }))).toBeUndefined();
    expect(await store.listMessages({}, 10)).toEqual([]);
    expect(await store.settle(id, taken.fence, { state: 'refused', leads })).toMatchObject({ state: 'refused' });
    expect(await store.listMessages({}, 10)).toHaveLength(1);
  });

  define('S112', 'a call is told of once on a channel, however often and by whomever it is asked for', async ({ store, clock, draft }) => {
    const { id } = draft();
    await store.accept(draft({ id }), { limits: [] });
    const { taken } = await takeOne(store, (_, now) => ({ state: 'dialing', dueAt: now, leads: ['crm', 'crm'] }));
    await store.settle(id, taken.fence, { state: 'uncertain', dueStep: 'reconcile', leads: ['crm'] });
    const [lead] = await store.takeMessages(10, LEASE_MS);
    expect(await store.settleMessage(`${id}.crm`, lead?.fence ?? -1, { state: 'delivered', receipt: '17' })).toBe(true);
    clock.set(clock.now() + 1);
    await store.takeDue(10, () => ({ state: 'abandoned', dueStep: undefined, dueAt: undefined, leads: ['crm', 'mail'] }));
    expect(await store.listMessages({}, 10)).toMatchObject([
      { id: `${id}.mail`, state: 'waiting', createdAt: clock.now() },
      { id: `${id}.crm`, state: 'delivered', createdAt: clock.now() - 1, receipt: '17', attempts: 1 },
    ]);
  });

  define('S113', 'ten takers at once get each message once, under a lease', async (given) => {
    const { store, clock } = given;
    for (let count = 0; count < 20; count += 1) await endWithLeads(given, ['crm']);
    const hauls = await Promise.all(Array.from({ length: 10 }, () => store.takeMessages(3, LEASE_MS)));
    const taken = hauls.flat();
    expect(new Set(taken.map(({ id }) => id)).size).toBe(20);
    expect(taken).toHaveLength(20);
    for (const message of taken) expect(message).toMatchObject({ state: 'waiting', attempts: 1, fence: 1, dueAt: clock.now() + LEASE_MS });
    expect(await store.listMessages({ callId: taken[0]?.callId ?? '' }, 1)).toEqual([taken[0]]);
  });

  define('S114', 'the oldest are taken first, no more than asked for, and none before its time', async ({ store, clock }) => {
    const start = clock.now();
    for (const topic of ['first', 'second', 'third']) {
      clock.set(clock.now() + 1);
      await store.postNotices([noticeOf({ topic })]);
    }
    const topicsOf = async (limit: number) => (await store.takeMessages(limit, LEASE_MS)).map(({ topic }) => topic);
    clock.set(start);
    expect(await topicsOf(10)).toEqual([]);
    clock.set(start + 3);
    expect(await topicsOf(0)).toEqual([]);
    expect(await topicsOf(2)).toEqual(['first', 'second']);
    expect(await topicsOf(2)).toEqual(['third']);
  });

  define('S115', 'a lease that has ended hands the message on, and the former holder can settle nothing', async (given) => {
    const { store, clock } = given;
    const callId = await endWithLeads(given, ['crm']);
    const [stale] = await store.takeMessages(1, LEASE_MS);
    clock.set(clock.now() + LEASE_MS - 1);
    expect(await store.takeMessages(1, LEASE_MS)).toEqual([]);
    clock.set(clock.now() + 1);
    const [fresh] = await store.takeMessages(1, LEASE_MS);
    expect(fresh).toMatchObject({ id: stale?.id, attempts: 2, fence: 2 });
    expect(await store.settleMessage(`${callId}.crm`, 1, { state: 'delivered' })).toBe(false);
    expect(await store.listMessages({}, 1)).toEqual([fresh]);
    expect(await store.settleMessage(`${callId}.crm`, 2, { state: 'delivered' })).toBe(true);
    expect(await store.settleMessage(`${callId}.crm`, 2, { state: 'quarantined', fault: 'late' })).toBe(false);
    expect(await store.settleMessage('unknown', 0, { state: 'delivered' })).toBe(false);
  });

  define('S116', 'what became of an attempt is kept, and a receipt outlives the attempts after it', async (given) => {
    const { store, clock } = given;
    const id = `${await endWithLeads(given, ['crm'])}.crm`;
    const attempt = async (change: MessageChange): Promise<Message | undefined> => {
      const [taken] = await store.takeMessages(1, LEASE_MS);
      expect(await store.settleMessage(id, taken?.fence ?? -1, change)).toBe(true);
      return (await store.listMessages({}, 1))[0];
    };
    const dueAt = clock.now() + 5_000;
    expect(await attempt({ state: 'waiting', dueAt, fault: 'timeout', receipt: '17' })).toMatchObject({
      dueAt,
      fault: 'timeout',
      receipt: '17',
    });
    expect(await store.takeMessages(1, LEASE_MS)).toEqual([]);
    clock.set(dueAt);
    expect(await attempt({ state: 'waiting', dueAt, fault: 'http_500' })).toMatchObject({ fault: 'http_500', receipt: '17', attempts: 2 });
    expect(await attempt({ state: 'delivered' })).toMatchObject({ state: 'delivered', dueAt: undefined, fault: undefined, receipt: '17' });
    expect(await store.nextDueAt()).toBeUndefined();
  });

  define('S117', 'a message that kept failing waits for the operator, who lets all of them try anew', async (given) => {
    const { store, clock } = given;
    const change = { state: 'quarantined', fault: 'access_denied' } as const;
    for (let count = 0; count < 3; count += 1) await endWithLeads(given, ['crm']);
    const [first, second, third] = await store.takeMessages(3, LEASE_MS);
    for (const taken of [first, second]) await store.settleMessage(taken?.id ?? '', taken?.fence ?? -1, change);
    await store.settleMessage(third?.id ?? '', third?.fence ?? -1, { state: 'needless' });
    clock.set(clock.now() + 30 * 24 * HOUR_MS);
    expect(await store.takeMessages(9, LEASE_MS)).toEqual([]);
    expect(await store.listMessages({ state: 'quarantined' }, 9)).toMatchObject([{ ...change, dueAt: undefined, attempts: 1 }, change]);
    expect(await store.retryQuarantined()).toBe(2);
    expect(await store.retryQuarantined()).toBe(0);
    expect(await store.nextDueAt()).toBe(clock.now());
    expect(await store.settleMessage(first?.id ?? '', first?.fence ?? -1, change)).toBe(false);
    expect(await store.takeMessages(9, LEASE_MS)).toMatchObject([
      { id: first?.id, attempts: 1 },
      { id: second?.id, attempts: 1 },
    ]);
  });

  define('S181', 'a look that was no attempt is not counted as one, and the fence grows all the same', async (given) => {
    const { store, clock } = given;
    const id = `${await endWithLeads(given, ['crm'])}.crm`;
    for (let look = 1; look <= 3; look += 1) {
      expect(await store.takeMessages(1, LEASE_MS)).toMatchObject([{ id, attempts: 1, fence: look }]);
      const change = { state: 'waiting', dueAt: clock.now(), fault: 'call_running', isLook: true } as const;
      expect(await store.settleMessage(id, look, change)).toBe(true);
    }
    expect(await store.listMessages({}, 1)).toMatchObject([{ attempts: 0 }]);
  });

  define('S180', 'of a state and its end only the newer is told, however quiet either was to be', async ({ store, clock }) => {
    const out = noticeOf({ topic: 'out', endedBy: 'in' });
    const back = noticeOf({ topic: 'in', ends: 'out' });
    const post = async (...drafts: NoticeDraft[]) => {
      clock.set(clock.now() + 1);
      return store.postNotices(drafts);
    };
    expect(await post(back)).toBe(0);
    expect(await post(out, { ...out, channel: 'hook' })).toBe(2);
    expect(await post(out)).toBe(0);
    expect(await post(back)).toBe(1);
    expect(await post(back)).toBe(0);
    expect(await post(out)).toBe(1);
    expect(await post(out)).toBe(0);
    // What was not delivered in time is not true any more; by the other channel it still is.
    const on = async (channel: string) =>
      (await store.listMessages({}, 10)).flatMap((each) => (each.channel === channel ? [[each.topic, each.state, each.dueAt]] : []));
    expect(await on('mail')).toEqual([
      ['out', 'waiting', clock.now() - 1],
      ['in', 'needless', undefined],
      ['out', 'needless', undefined],
    ]);
    expect(await on('hook')).toMatchObject([['out', 'waiting', expect.any(Number)]]);
  });

  define('S118', 'a notice is not repeated on its channel while its topic is quiet, to the millisecond', async ({ store, clock }) => {
    const start = clock.now();
    expect(await store.postNotices([noticeOf(), noticeOf(), noticeOf({ channel: 'hook', site: 'shop' })])).toBe(2);
    clock.set(start + HOUR_MS - 1);
    expect(await store.postNotices([noticeOf(), noticeOf({ topic: 'budget' })])).toBe(1);
    clock.set(start + HOUR_MS);
    expect(await store.postNotices([noticeOf()])).toBe(1);
    const posted = await store.listMessages({}, 10);
    const { topic, text } = noticeOf();
    expect(posted.map((notice) => [notice.topic, notice.channel]).toSorted()).toEqual([
      ['budget', 'mail'],
      [topic, 'hook'],
      [topic, 'mail'],
      [topic, 'mail'],
    ]);
    expect(new Set(posted.map(({ id }) => id)).size).toBe(4);
    expect(posted.find(({ channel }) => channel === 'hook')).toMatchObject({ kind: 'notice', site: 'shop', callId: undefined, text });
    expect(posted.find(({ topic: about }) => about === 'budget')).toMatchObject({
      site: undefined,
      state: 'waiting',
      dueAt: clock.now() - 1,
    });
  });

  define('S119', 'messages are listed newest first, by state, by call, and no more than asked for', async (given) => {
    const { store, clock } = given;
    const first = await endWithLeads(given, ['crm']);
    clock.set(clock.now() + 1);
    const second = await endWithLeads(given, ['crm', 'mail']);
    const [taken] = await store.takeMessages(1, LEASE_MS);
    await store.settleMessage(taken?.id ?? '', taken?.fence ?? -1, { state: 'delivered' });
    const list = async (...asked: Parameters<typeof store.listMessages>) => (await store.listMessages(...asked)).map(({ id }) => id);
    expect(await list({}, 2)).toEqual([`${second}.mail`, `${second}.crm`]);
    expect(await list({}, 9)).toEqual([`${second}.mail`, `${second}.crm`, `${first}.crm`]);
    expect(await list({ state: 'delivered' }, 9)).toEqual([`${first}.crm`]);
    expect(await list({ callId: second }, 9)).toEqual([`${second}.mail`, `${second}.crm`]);
    expect(await list({ callId: first, state: 'waiting' }, 9)).toEqual([]);
    expect(await list({ callId: first, state: 'delivered' }, 9)).toEqual([`${first}.crm`]);
  });

  define('S120', 'the next due time is that of a call or of a message, whichever comes first', async (given) => {
    const { store, clock, draft } = given;
    const slot = clock.now() + 2 * LEASE_MS;
    await store.accept(draft({ scheduledFor: slot }), { limits: [] });
    await endWithLeads(given, ['crm']);
    expect(await store.nextDueAt()).toBe(clock.now());
    const [taken] = await store.takeMessages(1, LEASE_MS);
    expect(await store.nextDueAt()).toBe(clock.now() + LEASE_MS);
    await store.settleMessage(taken?.id ?? '', 1, { state: 'waiting', dueAt: slot + 1, fault: 'timeout' });
    expect(await store.nextDueAt()).toBe(slot);
  });

  define('S121', 'messages outlive the process', async (given) => {
    const { store, reopen } = given;
    await endWithLeads(given, ['crm']);
    await store.postNotices([noticeOf()]);
    await store.takeMessages(1, LEASE_MS);
    const kept = await store.listMessages({}, 10);
    expect(kept).toHaveLength(2);
    expect(await (await reopen()).listMessages({}, 10)).toEqual(kept);
  });

  define('S164', 'items of a topic are gathered in the message that waits for them, and none is left out', async ({ store, clock }) => {
    const tell = (item: string, wishes: Partial<NoticeWords> = {}) => {
      const { topic, channel } = noticeOf();
      return store.postNotices([{ topic, channel, text: 'Refused:', item, gatherMs: LEASE_MS, ...wishes }]);
    };
    const texts = async () => (await store.listMessages({}, 99)).map(({ text }) => text).toReversed();
    await store.postNotices([noticeOf()]);
    expect(await tell('LEAD 1')).toBe(1);
    expect(await tell('LEAD 2')).toBe(0);
    expect(await tell('LEAD 3', { channel: 'hook' })).toBe(1);
    expect(await store.takeMessages(9, LEASE_MS)).toHaveLength(1);
    clock.set(clock.now() + LEASE_MS - 1);
    expect(await tell('LEAD 4')).toBe(0);
    clock.set(clock.now() + 1);
    // It is on its way, and has been read.
    expect((await store.takeMessages(9, LEASE_MS)).map(({ text }) => text).toSorted()).toContain('Refused: LEAD 1, LEAD 2, LEAD 4');
    expect(await tell('LEAD 5')).toBe(1);
    expect((await texts()).toSorted()).toEqual([
      'Refused: LEAD 1, LEAD 2, LEAD 4',
      'Refused: LEAD 3',
      'Refused: LEAD 5',
      'The portal refuses us.',
    ]);
    const flood = Array.from({ length: 999 }, (_, nth) => `LEAD ${1000 + nth}`);
    for (const item of flood) await tell(item);
    const said = (await texts()).join();
    expect(flood.filter((item) => !said.includes(item))).toEqual([]);
    expect(Math.max(...(await texts()).map((text) => text?.length ?? 0))).toBeLessThan(4_100);
  });

  define('S165', 'what counts once is used up by the first, and is known under every key', async ({ store, clock }) => {
    const until = clock.now() + HOUR_MS;
    expect(await store.isUsedUp(['a', 'b'])).toBe(false);
    expect(await store.useUp('b', until)).toBe(true);
    expect(await store.useUp('b', until)).toBe(false);
    expect(await store.isUsedUp(['a', 'b'])).toBe(true);
    expect(await store.isUsedUp(['a'])).toBe(false);
  });

  define('S122', 'whatever is taken, lost, settled late or twice: of each turn only the newest holder settles', async () => {
    const action = fc.oneof(
      fc.constant({ kind: 'take' } as const),
      fc.record({ kind: fc.constant('settle' as const), fence: fc.integer({ min: 1, max: 6 }), delivers: fc.boolean() }),
      fc.record({ kind: fc.constant('wait' as const), forMs: fc.constantFrom(1, LEASE_MS - 1, LEASE_MS) }),
    );
    const property = fc.asyncProperty(fc.array(action, { maxLength: 25 }), (actions) =>
      withStore(open, async (given) => {
        const { store, clock } = given;
        const id = `${await endWithLeads(given, ['crm'])}.crm`;
        let model = { fence: 0, dueAt: clock.now(), isDelivered: false };
        for (const step of actions) {
          if (step.kind === 'wait') clock.set(clock.now() + step.forMs);
          else if (step.kind === 'take') {
            const isDue = !model.isDelivered && model.dueAt <= clock.now();
            if (isDue) model = { ...model, fence: model.fence + 1, dueAt: clock.now() + LEASE_MS };
            expect((await store.takeMessages(5, LEASE_MS)).map(({ fence }) => fence)).toEqual(isDue ? [model.fence] : []);
          } else {
            const again = clock.now() + 10;
            const change: MessageChange = step.delivers ? { state: 'delivered' } : { state: 'waiting', dueAt: again, fault: 'timeout' };
            const isHolder = !model.isDelivered && step.fence === model.fence;
            expect(await store.settleMessage(id, step.fence, change)).toBe(isHolder);
            if (isHolder) model = step.delivers ? { ...model, isDelivered: true } : { ...model, dueAt: again };
          }
        }
        const [kept] = await store.listMessages({}, 1);
        expect(kept).toMatchObject({ fence: model.fence, state: model.isDelivered ? 'delivered' : 'waiting' });
      }),
    );
    await fc.assert(property, { numRuns: 40 });
  });
}
