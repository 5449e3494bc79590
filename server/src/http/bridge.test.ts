/** A portal's own form asks, another provider rings, and the call stands in the portal: once, whatever comes twice or breaks on the way. */
import { afterEach, describe, expect, test } from 'vitest';
import { APPLICATION_TOKEN, MEMBER_ID } from '../simulators/bitrix24/application-world.ts';
import { type BridgedRelay, bridgedRelay, bridgeOf, PORTAL_USER, VISITOR } from '../simulators/bridged-relay.ts';

const MINUTE_MS = 60_000;
let rig: BridgedRelay;

afterEach(() => rig.close());

/** The one call that rings at the other provider. */
function ringing() {
  const [dial] = rig.switchboard.telephones.dials;
  if (dial === undefined) throw new Error('Nobody is rung.');
  return dial;
}

/** Both pick up, talk for so long, and the visitor puts the receiver down. */
async function talk(ms: number): Promise<void> {
  const { telephones } = rig.switchboard;
  const { callId } = ringing();
  telephones.answer('agent', callId);
  await rig.pass(5_000);
  telephones.answer('visitor', callId);
  await rig.pass(ms);
  telephones.hangUp('visitor', callId);
  await rig.pass(30_000);
}

const cards = () => rig.portal.external.cards;
const requestsFor = (method: string) => rig.portal.requests.filter((request) => request.method === method.toLowerCase());

describe('a request from the portal’s own form', () => {
  test('rings both telephones once, and the call stands in the portal with its duration', async () => {
    rig = await bridgedRelay();
    await rig.askByForm({ crm: { type: 'CONTACT', id: 12 } });
    expect(await rig.calls()).toHaveLength(1);

    await rig.pass(3_000);
    expect(ringing()).toMatchObject({ line: 'reg1332', number: VISITOR, agent: 'ringing' });
    expect(cards()).toMatchObject([
      {
        number: VISITOR,
        type: '4',
        entry: { type: 'CONTACT', id: 12 },
        userId: String(PORTAL_USER),
        shownTo: [String(PORTAL_USER)],
        endings: [],
      },
    ]);

    await talk(42_000);
    const [call] = await rig.calls();
    expect(call).toMatchObject({ state: 'connected', talkedMs: 42_000 });
    expect(cards()).toMatchObject([
      {
        externalCallId: call?.id,
        shownTo: [String(PORTAL_USER)],
        endings: [{ statusCode: '200', seconds: 42, cost: 0.03, currency: 'EUR' }],
      },
    ]);
    expect(rig.switchboard.telephones.dials).toHaveLength(1);
    expect(await rig.messages('record')).toMatchObject([{ state: 'delivered', channel: 'bridge:portal', receipt: cards()[0]?.callId }]);
    expect(await rig.messages('lead')).toEqual([]);
  });

  test('delivered five times, and repeated after the end, is one call and one card', async () => {
    rig = await bridgedRelay();
    const body = await rig.askByForm();
    const repeats = await Promise.all(Array.from({ length: 4 }, () => rig.deliver(body)));
    expect(repeats).toEqual([204, 204, 204, 204]);
    await rig.pass(3_000);
    await talk(10_000);
    await rig.pass(5 * MINUTE_MS);
    expect(await rig.deliver(body)).toBe(204);
    await rig.pass(MINUTE_MS);

    expect(rig.switchboard.telephones.dials).toHaveLength(1);
    expect(cards()).toHaveLength(1);
    expect(cards()[0]?.endings).toHaveLength(1);
  });

  test('delivered again after a day, when its call is not known any more, rings nobody', async () => {
    rig = await bridgedRelay();
    const body = await rig.askByForm({ crm: { type: 'LEAD', id: 12 } });
    await rig.pass(3_000);
    await talk(10_000);
    await rig.clock.advance(25 * 60 * MINUTE_MS);
    expect(await rig.deliver(body)).toBe(204);
    expect(await rig.deliver(body)).toBe(204);
    await rig.pass(5_000);
    expect(rig.switchboard.telephones.dials).toHaveLength(1);
    expect((await rig.messages('notice')).map(({ topic }) => topic)).toEqual(['bridge:portal:stale:LEAD 12']);
  });

  test('is read from JSON of the same structure too', async () => {
    rig = await bridgedRelay();
    const event = {
      event: 'onExternalCallBackStart',
      data: { PHONE_NUMBER: '0151 23456789', CRM_ENTITY_TYPE: '', CRM_ENTITY_ID: '', LINE_NUMBER: '' },
      ts: '1767603600',
      auth: { member_id: MEMBER_ID, application_token: APPLICATION_TOKEN },
    };
    expect(await rig.deliver(JSON.stringify(event), 'application/json')).toBe(204);
    await rig.pass(2_000);
    expect(ringing()).toMatchObject({ number: VISITOR });
  });

  test('that does not prove itself changes nothing', async () => {
    rig = await bridgedRelay();
    const body = await rig.askByForm({ number: '+4915199999999' });
    const forged = new URLSearchParams(body);
    forged.set('data[PHONE_NUMBER]', VISITOR);
    for (const [field, value] of [
      ['auth[application_token]', 'guessed'],
      ['auth[member_id]', 'another-tenant'],
    ] as const) {
      const attempt = new URLSearchParams(forged);
      attempt.set(field, value);
      expect(await rig.deliver(attempt.toString())).toBe(403);
    }
    await rig.pass(3_000);
    expect(rig.switchboard.telephones.dials.map(({ number }) => number)).toEqual(['+4915199999999']);
    expect(await rig.calls()).toEqual([]);
  });

  test('goes to the site that names its line, else to the one that takes all', async () => {
    rig = await bridgedRelay({ bridge: bridgeOf({ externalLine: '+49 30 123456' }) });
    await rig.askByForm({ number: '+4915100000001', line: '4930123456' });
    await rig.askByForm({ number: '+4915100000002', line: '4930999999' });
    await rig.askByForm({ number: '+4915100000003' });
    await rig.pass(3_000);
    expect(rig.switchboard.telephones.dials.map(({ number }) => number)).toEqual(['+4915100000001']);
    expect(requestsFor('telephony.externalCall.register')).toMatchObject([{ params: { LINE_NUMBER: '+49 30 123456', CRM_CREATE: 0 } }]);
    expect(rig.entries.filter(({ event }) => event === 'bridge.no_site')).toHaveLength(2);
    expect(await rig.messages('notice')).toMatchObject([{ topic: 'bridge:portal:no_site' }]);
  });

  test('asks for no consent and no proof of the site’s own form', async () => {
    rig = await bridgedRelay({
      consent: { textId: 'v1', text: 'Agreed.', url: undefined },
      proof: { mode: 'always', prover: { kind: 'pow' } },
    });
    await rig.askByForm();
    await rig.pass(2_000);
    expect(rig.switchboard.telephones.dials).toHaveLength(1);
  });
});

describe('the card', () => {
  test('a call from the site’s own page has one too', async () => {
    rig = await bridgedRelay();
    await rig.askByPage(VISITOR);
    await rig.pass(3_000);
    await talk(10_000);
    expect(cards()).toMatchObject([{ entry: { type: 'LEAD' }, endings: [{ statusCode: '200', seconds: 10 }] }]);
  });

  test('where the portal itself rings, it writes its calls down itself', async () => {
    rig = await bridgedRelay({ provider: 'portal', line: 'own' });
    await rig.askByPage(VISITOR);
    await rig.pass(2 * MINUTE_MS);
    expect(rig.portal.telephones.dials).toHaveLength(1);
    expect(cards()).toEqual([]);
    expect(await rig.messages('record')).toMatchObject([{ state: 'needless' }]);
  });

  test('nobody answers: finished as missed, and the company has its lead', async () => {
    rig = await bridgedRelay();
    await rig.askByForm();
    await rig.pass(MINUTE_MS);
    expect(cards()).toMatchObject([{ endings: [{ statusCode: '304', seconds: 0, reason: 'not_answered' }] }]);
    expect(await rig.messages('lead')).toHaveLength(1);
  });

  test('the provider refuses: finished as unavailable, shown to nobody, and the company has its lead', async () => {
    rig = await bridgedRelay();
    rig.switchboard.misbehave('voximplant.callback.start', { kind: 'error', name: 'noRight' });
    await rig.askByForm();
    await rig.pass(MINUTE_MS);
    expect(rig.switchboard.telephones.dials).toEqual([]);
    expect(cards()).toMatchObject([{ endings: [{ statusCode: '503', seconds: 0, reason: 'right_missing' }] }]);
    expect(await rig.messages('lead')).toHaveLength(1);
  });

  test('the relay was down until the deadline had passed: nobody is rung or shown anything, and it stands there as missed', async () => {
    rig = await bridgedRelay();
    await rig.askByForm();
    rig.clock.set(rig.clock.now() + 3 * MINUTE_MS);
    await rig.pass(MINUTE_MS);
    expect(rig.switchboard.telephones.dials).toEqual([]);
    expect(cards()).toMatchObject([{ shownTo: [], endings: [{ statusCode: '304', reason: 'deadline_passed' }] }]);
    expect(await rig.messages('lead')).toHaveLength(1);
  });

  test('nobody knows how it ended: finished as undefined, once it is given up', async () => {
    rig = await bridgedRelay();
    rig.switchboard.misbehave('voximplant.callback.start', { kind: 'hang', executes: false });
    await rig.askByForm();
    await rig.pass(2 * MINUTE_MS);
    expect(cards()).toMatchObject([{ endings: [] }]);
    await rig.pass(70 * MINUTE_MS);
    expect(cards()).toMatchObject([{ endings: [{ statusCode: 'OTHER', seconds: 0 }] }]);
    expect(await rig.messages('lead')).toHaveLength(1);
  });

  test('the process dies between the registration and its writing down: one card', async () => {
    rig = await bridgedRelay();
    await rig.askByForm();
    rig.losesSettlements = true;
    await rig.pass(5_000);
    expect(cards()).toHaveLength(1);
    rig.losesSettlements = false;
    await talk(10_000);
    await rig.pass(5 * MINUTE_MS);
    expect(requestsFor('telephony.externalCall.register')).toHaveLength(2);
    expect(cards()).toHaveLength(1);
    expect(cards()[0]?.endings).toMatchObject([{ statusCode: '200', seconds: 10 }]);
  });

  test('the process dies between the finish and its writing down: finished once', async () => {
    rig = await bridgedRelay();
    await rig.askByForm();
    await rig.pass(10_000);
    rig.switchboard.telephones.hangUp('agent', ringing().callId);
    rig.losesSettlements = true;
    await rig.pass(MINUTE_MS);
    expect(cards()[0]?.endings).toHaveLength(1);
    rig.losesSettlements = false;
    await rig.pass(5 * MINUTE_MS);
    expect(cards()).toHaveLength(1);
    expect(cards()[0]?.endings).toMatchObject([{ statusCode: '603' }]);
    expect(await rig.messages('record')).toMatchObject([{ state: 'delivered' }]);
  });

  test('the process dies after registering and finishing in one go, and is down for longer than the portal remembers: one card', async () => {
    rig = await bridgedRelay();
    rig.portal.misbehave('telephony.externalcall.register', { kind: 'drop', executes: false }, 9);
    await rig.askByForm();
    await rig.pass(3_000);
    await talk(10_000);
    rig.losesSettlements = true;
    while (cards().length === 0) await rig.pass(MINUTE_MS);
    rig.clock.set(rig.clock.now() + 31 * MINUTE_MS);
    rig.losesSettlements = false;
    await rig.pass(10 * MINUTE_MS);
    expect(cards()).toHaveLength(1);
    expect(cards()[0]?.endings).toHaveLength(1);
    expect(await rig.messages('record')).toMatchObject([{ state: 'delivered', receipt: cards()[0]?.callId }]);
  });

  test('the portal answers nothing for an hour: the call goes on without it, and the card is made once it answers', async () => {
    rig = await bridgedRelay();
    rig.portal.misbehave('telephony.externalcall.register', { kind: 'drop', executes: false }, 11);
    await rig.askByForm();
    await rig.pass(3_000);
    await talk(10_000);
    await rig.pass(20 * MINUTE_MS);
    expect(await rig.calls()).toMatchObject([{ state: 'connected' }]);
    await rig.pass(120 * MINUTE_MS);
    expect(cards()).toMatchObject([{ shownTo: [], endings: [{ statusCode: '200', seconds: 10 }] }]);
  });

  test('a user who has left the portal is told of as what to change', async () => {
    rig = await bridgedRelay({ bridge: bridgeOf({ userId: 99 }) });
    await rig.askByForm();
    await rig.pass(MINUTE_MS);
    expect(rig.switchboard.telephones.dials).toHaveLength(1);
    expect(cards()).toEqual([]);
    expect((await rig.messages('notice')).map(({ topic }) => topic)).toContain('channel:bridge:portal:portal_user_unknown');
  });
});
