/** A portal's own form asks and nobody is rung: then the company is told, of each customer and of no number. */
import { afterEach, describe, expect, test } from 'vitest';
import { type BridgedRelay, bridgedRelay, bridgeOf, VISITOR } from '../simulators/bridged-relay.ts';
import { workdays } from '../simulators/timed-relay.ts';

const MINUTE_MS = 60_000;
let rig: BridgedRelay;

afterEach(() => rig.close());

describe('a request that becomes no call', () => {
  test('while nobody is there is told of with its entry in the CRM, and no number', async () => {
    rig = await bridgedRelay({ hours: workdays('11:00-15:00') });
    const body = await rig.askByForm({ crm: { type: 'LEAD', id: 31 } });
    expect(await rig.deliver(body)).toBe(204);
    await rig.pass(3_000);
    expect(rig.switchboard.telephones.dials).toEqual([]);
    const [notice, ...others] = await rig.messages('notice');
    expect(others).toEqual([]);
    expect(notice).toMatchObject({ topic: 'bridge:portal:closed:LEAD 31', site: 'default', channel: 'crm' });
    expect(notice?.text).toContain('LEAD 31');
    expect(JSON.stringify([notice, rig.entries])).not.toContain('15123456789');
  });

  test('is not called later either, however often it is delivered while others are', async () => {
    rig = await bridgedRelay({ hours: workdays('10:05-18:00') });
    const body = await rig.askByForm({ number: '+4915100000001', crm: { type: 'LEAD', id: 31 } });
    for (let quarter = 0; quarter < 120; quarter += 1) {
      rig.clock.set(rig.clock.now() + (quarter === 0 ? 7 : 15) * MINUTE_MS);
      await rig.deliver(body);
      await rig.pass(2_000);
    }
    expect(rig.switchboard.telephones.dials).toEqual([]);
    await rig.askByForm();
    await rig.pass(3_000);
    expect(rig.switchboard.telephones.dials).toHaveLength(1);
    expect((await rig.messages('notice')).filter(({ topic }) => topic?.includes('closed'))).toHaveLength(1);
  });

  test('because the site has had its share is told of, each customer by their entry', async () => {
    rig = await bridgedRelay();
    for (let id = 1; id <= 80; id += 1) await rig.askByForm({ number: `+4915120000${100 + id}`, crm: { type: 'LEAD', id } });
    const refused = rig.entries.flatMap(({ event, entry }) => (event === 'bridge.refused' ? [String(entry)] : []));
    expect(refused.length).toBeGreaterThan(60);
    const notices = await rig.messages('notice');
    expect(refused.filter((entry) => !notices.some(({ text }) => text?.match(`${entry}\\b`)))).toEqual([]);
    expect(notices).toHaveLength(21);
  });

  test('because no site takes its line is told of, each customer by their entry', async () => {
    rig = await bridgedRelay({ bridge: bridgeOf({ externalLine: '1' }) });
    for (const id of [1, 2]) await rig.askByForm({ number: `+4915120000${100 + id}`, line: '2', crm: { type: 'LEAD', id } });
    expect(await rig.messages('notice')).toMatchObject([{ text: expect.stringMatching(/LEAD 1, LEAD 2$/) }]);
  });

  test.each([
    ['no number that exists', '12', 'number_invalid'],
    ['abroad', '+14155550100', 'number_refused'],
    ['longer than any number', '1'.repeat(500), 'number_invalid'],
  ])('%s', async (_, number, code) => {
    rig = await bridgedRelay();
    await rig.askByForm({ number });
    await rig.pass(2_000);
    expect(rig.switchboard.telephones.dials).toEqual([]);
    expect((await rig.messages('notice')).map(({ topic }) => topic)).toEqual([expect.stringMatching(new RegExp(`^bridge:portal:${code}`))]);
  });

  test('a flood of them does not become a flood of notices', async () => {
    rig = await bridgedRelay({ hours: workdays('11:00-15:00') });
    for (let id = 1; id <= 50; id += 1) await rig.askByForm({ crm: { type: 'LEAD', id } });
    expect(await rig.messages('notice')).toHaveLength(21);
  });

  test('the limits of a number hold over both ways in', async () => {
    rig = await bridgedRelay();
    expect(await rig.askByPage(VISITOR)).toBe(202);
    await rig.askByForm();
    await rig.pass(3_000);
    expect(rig.switchboard.telephones.dials).toHaveLength(1);
    expect((await rig.messages('notice')).map(({ topic }) => topic)).toEqual(['bridge:portal:rate_limited']);
  });
});
