import { describe, expect, test } from 'vitest';
import { channelSuite } from '../../follow-ups/channel.suite.ts';
import { type Bitrix24Portal, type Bitrix24PortalOptions, bitrix24Portal } from '../../simulators/bitrix24/portal.ts';
import { exampleLead, exampleNotice } from '../../simulators/example-letter.ts';
import { fakeClock } from '../../simulators/fake-clock.ts';
import { bitrix24Client } from './bitrix24-client.ts';
import { bitrix24Crm } from './bitrix24-crm.ts';
import { parseWebhookUrl } from './webhook-url.ts';

const WEBHOOK_SECRET = 'canarycrmsecret';
const NUMBER = '+4915123456789';
const [LEAD, DEAL, CONTACT] = [1, 2, 3];

type Changes = Partial<Bitrix24PortalOptions>;

function stage(changes: Changes = {}, responsibleId?: number) {
  const clock = fakeClock();
  const portal = bitrix24Portal({
    clock,
    userId: '1',
    webhookSecret: WEBHOOK_SECRET,
    lines: { reg1: 'Line' },
    scopes: ['telephony', 'call', 'crm', 'im'],
    ...changes,
  });
  let gone = false;
  const parsed = parseWebhookUrl(`http://127.0.0.1${portal.webhookPath}`);
  if (!parsed.ok) throw new Error(parsed.fault);
  const client = bitrix24Client({
    webhook: parsed.webhook,
    fetch: async (input, init) => {
      if (gone) throw new TypeError('fetch failed');
      return portal.app.fetch(new Request(input, init));
    },
    clock,
  });
  const channel = bitrix24Crm({ name: 'crm', portal: client, responsibleId, language: 'en', clock });
  const vanish = async () => {
    gone = true;
  };
  return { clock, portal, channel, vanish };
}

/** Everything that somebody finds in the portal: a task with the entry that it stands on, or a message. */
function seenIn({ crm }: Bitrix24Portal): string[] {
  const tasks = crm.todos.map((todo) => JSON.stringify([todo, crm.entries.find(({ id }) => id === todo.ownerId)]));
  return [...tasks, ...crm.told.map(({ message }) => message)];
}

const kindsIn = ({ crm }: Bitrix24Portal) => crm.entries.map(({ entityTypeId }) => entityTypeId);

for (const mode of ['classic', 'simple'] as const) {
  channelSuite(`Bitrix24 CRM, ${mode}`, async () => {
    const { portal, channel, vanish } = stage({ crm: { mode } });
    return {
      channel,
      seen: () => seenIn(portal),
      fail: () => portal.misbehave('crm.duplicate.findbycomm', { kind: 'error', name: 'tooManyRequests' }),
      recover: () => {},
      loseAnswer: () => portal.misbehave('crm.item.add', { kind: 'drop', executes: true }),
      vanish,
      secrets: [WEBHOOK_SECRET],
      close: async () => {},
    };
  });
}

test('a number that nobody knows becomes a lead with all its fields, and a task within half an hour', async () => {
  const { portal, channel, clock } = stage();
  const outcome = await channel.deliver(exampleLead());
  expect(outcome).toEqual({ kind: 'delivered', receipt: 'lead:1' });
  expect(portal.crm.entries).toHaveLength(1);
  expect(portal.crm.entries[0]).toMatchObject({
    entityTypeId: LEAD,
    fields: {
      title: 'Please call back: a request on Oak & Ash',
      name: 'Erika Mustermann',
      fm: [{ typeId: 'PHONE', valueType: 'WORK', value: NUMBER }],
      sourceId: 'CALLBACK',
      sourceDescription: 'https://shop.example/chairs',
      utmSource: 'news',
      utmMedium: 'mail',
      utmCampaign: 'spring',
      originatorId: 'ringback',
      originId: 'call_0123456789abcdef',
    },
  });
  expect(portal.crm.todos).toMatchObject([
    { ownerTypeId: LEAD, ownerId: 1, responsibleId: 1, title: 'Call back: request from the website (89abcdef)' },
  ]);
  expect(Date.parse(portal.crm.todos[0]?.deadline ?? '')).toBe(clock.now() + 30 * 60_000);
});

test('a customer who is known gets a task for the person who looks after her, and no second entry', async () => {
  const { portal, channel } = stage();
  portal.crm.enter(LEAD, { fm: [{ typeId: 'PHONE', value: '+49 151 23456789' }], assignedById: 5 });
  const contact = portal.crm.enter(CONTACT, { fm: [{ typeId: 'PHONE', value: '+49 151 23456789' }], assignedById: 7 });
  expect(await channel.deliver(exampleLead())).toEqual({ kind: 'delivered', receipt: `contact:${contact}` });
  expect(portal.crm.entries).toHaveLength(2);
  expect(portal.crm.todos).toMatchObject([{ ownerTypeId: CONTACT, ownerId: contact, responsibleId: 7 }]);
});

test('whoever the configuration names is responsible', async () => {
  const { portal, channel } = stage({}, 9);
  await channel.deliver(exampleLead());
  await channel.deliver(exampleNotice());
  expect(portal.crm.entries).toMatchObject([{ fields: { assignedById: 9 } }]);
  expect(portal.crm.todos).toMatchObject([{ responsibleId: 9 }]);
  expect(portal.crm.told).toMatchObject([{ userId: '9' }]);
});

test('a notice names its site, like the subject of a mail', async () => {
  const { portal, channel } = stage();
  await channel.deliver(exampleNotice());
  expect(portal.crm.told).toMatchObject([{ message: 'Ringback needs attention: Oak & Ash\nThe portal has no such line.' }]);
});

test('a source is named only where the portal has it', async () => {
  const { portal, channel } = stage({ crm: { sources: ['SHOP'] } });
  await channel.deliver(exampleLead());
  expect(portal.crm.entries[0]?.fields.sourceId).toBeUndefined();
});

test.each([
  ['contact', true],
  ['contact', false],
  ['deal', true],
  ['deal', false],
] as const)(
  'without leads, a contact and a deal are made once, though the answer to the %s was lost (carried out: %s)',
  async (lost, executes) => {
    const { portal, channel } = stage({ crm: { mode: 'simple' } });
    const lead = exampleLead();
    if (lost === 'deal') {
      portal.crm.enter(CONTACT, { fm: [{ typeId: 'PHONE', value: NUMBER }], originatorId: 'ringback', originId: lead.callId });
    }
    portal.misbehave('crm.item.add', { kind: 'drop', executes });
    expect(await channel.deliver(lead)).toMatchObject({ kind: 'again' });
    expect(await channel.deliver(lead)).toEqual({ kind: 'delivered', receipt: 'deal:2' });
    expect(kindsIn(portal)).toEqual([CONTACT, DEAL]);
    expect(portal.crm.entries[1]).toMatchObject({ fields: { contactId: 1, originId: lead.callId } });
    expect(portal.crm.todos).toMatchObject([{ ownerTypeId: DEAL, ownerId: 2 }]);
  },
);

test('an entry that no number leads to is found by the call that it was made for', async () => {
  const { portal, channel } = stage();
  portal.misbehave('crm.item.add', { kind: 'drop', executes: true });
  const lead = exampleLead({ number: undefined });
  expect(await channel.deliver(lead)).toMatchObject({ kind: 'again' });
  expect(await channel.deliver(lead)).toMatchObject({ kind: 'delivered' });
  expect(kindsIn(portal)).toEqual([LEAD]);
});

test.each(['crm.item.add', 'crm.activity.todo.add'])(
  '%s that is carried out and not answered in time makes nothing twice',
  async (method) => {
    const { portal, channel, clock } = stage();
    portal.misbehave(method, { kind: 'hang', executes: true });
    const lead = exampleLead();
    const delivery = channel.deliver(lead);
    await clock.advance(15_000);
    expect(await delivery).toMatchObject({ kind: 'again', fault: { code: 'answer_too_late' } });
    // As after a crash: not even what the first attempt had come to is known.
    expect(await channel.deliver(lead)).toEqual({ kind: 'delivered', receipt: 'lead:1' });
    expect(kindsIn(portal)).toEqual([LEAD]);
    expect(portal.crm.todos).toHaveLength(1);
  },
);

describe.each([
  ['crm.item.add', 'classic', [LEAD]],
  ['crm.item.add', 'simple', [CONTACT, DEAL]],
  ['crm.activity.todo.add', 'classic', [LEAD]],
] as const)('%s in a %s CRM, carried out a minute after nobody waits for it any more', (method, mode, kinds) => {
  test.each([1, ...(mode === 'simple' ? [2] : [])])('makes nothing twice (writing %i)', async (late) => {
    const { portal, channel, clock } = stage({ crm: { mode } });
    if (late === 2) portal.misbehave(method, { kind: 'slow', delayMs: 0 });
    portal.misbehave(method, { kind: 'hang', executes: true, afterMs: 15_000 + 60_000 });
    const lead = exampleLead();
    const delivery = channel.deliver(lead);
    for (let second = 0; second < 20; second += 1) await clock.advance(1_000);
    const outcome = await delivery;
    if (outcome.kind !== 'again') throw new Error(outcome.kind);
    await clock.advance((outcome.retryAt ?? clock.now()) - clock.now());
    expect(await channel.deliver({ ...lead, receipt: outcome.receipt })).toMatchObject({ kind: 'delivered' });
    await clock.advance(120_000);
    expect(kindsIn(portal)).toEqual(kinds);
    expect(portal.crm.todos).toHaveLength(1);
  });
});

test('what the portal plainly turned down may be tried again at once', async () => {
  const { portal, channel } = stage();
  portal.misbehave('crm.item.add', { kind: 'error', name: 'tooManyRequests' });
  portal.misbehave('crm.activity.todo.add', { kind: 'error', name: 'crmDenied' });
  for (let times = 0; times < 2; times += 1) {
    const outcome = await channel.deliver(exampleLead());
    expect(outcome.kind).toBe('again');
    expect(outcome).not.toHaveProperty('retryAt', expect.any(Number));
  }
});

test('what has been made before is gone on with, whoever has come to know the number since', async () => {
  const { portal, channel } = stage();
  portal.misbehave('crm.activity.todo.add', { kind: 'error', name: 'internalError' });
  const lead = exampleLead();
  const first = await channel.deliver(lead);
  expect(first).toMatchObject({ kind: 'again', receipt: 'lead:1' });
  portal.crm.enter(CONTACT, { fm: [{ typeId: 'PHONE', value: NUMBER }] });
  expect(await channel.deliver({ ...lead, receipt: 'lead:1' })).toMatchObject({ kind: 'delivered', receipt: 'lead:1' });
  expect(portal.crm.todos).toMatchObject([{ ownerTypeId: LEAD }]);
});

test('a missing scope is told with what to do, at the start and with every lead', async () => {
  const { channel } = stage({ scopes: ['telephony', 'call'] });
  expect(await channel.verify()).toMatchObject([{ ok: false, code: 'crm_scope_missing' }]);
  expect(await channel.deliver(exampleLead())).toMatchObject({ kind: 'again', fault: { code: 'crm_scope_missing', configuration: true } });
  expect(await channel.deliver(exampleNotice())).toMatchObject({ kind: 'hopeless', fault: { code: 'im_scope_missing' } });
});

test('rights and mandatory fields are told in words about the CRM', async () => {
  const { portal, channel } = stage();
  portal.misbehave('crm.item.add', { kind: 'error', name: 'crmDenied' });
  portal.misbehave('crm.item.add', { kind: 'error', name: 'crmFieldRequired' });
  expect(await channel.deliver(exampleLead())).toMatchObject({ kind: 'again', fault: { code: 'crm_right_missing', configuration: true } });
  expect(await channel.deliver(exampleLead())).toMatchObject({ kind: 'again', fault: { code: 'crm_refused', configuration: true } });
});

test('what a visitor wrote is no markup in the portal', async () => {
  const { portal, channel } = stage();
  await channel.deliver(exampleLead({ name: '[b]Eve[/b]', page: { url: 'https://x.example/', title: '<img src=x>[url=evil]' } }));
  const told = JSON.stringify([portal.crm.entries, portal.crm.todos]);
  for (const markup of ['[b]', '<img', '[url']) expect(told).not.toContain(markup);
});
