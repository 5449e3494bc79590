import { expect, test } from 'vitest';
import { bitrix24Portal } from '../../simulators/bitrix24/portal.ts';
import { fakeClock } from '../../simulators/fake-clock.ts';
import { askPortal, type Bitrix24Client } from './bitrix24-client.ts';
import { addLine, listLines, removeLine, updateLine } from './bitrix24-line.ts';

const NUMBER = '4930123456';

function open() {
  const clock = fakeClock();
  const portal = bitrix24Portal({ clock, userId: '1', webhookSecret: 's', lines: {}, accessTokens: ['token'] });
  const ask = async (input: RequestInfo | URL, init?: RequestInit) => portal.app.fetch(new Request(input, init));
  const clientOf = (base: string, auth: object): Bitrix24Client => ({
    call: (method, params) => askPortal({ url: base + method, params: { ...params, ...auth }, withinMs: 1_000 }, { fetch: ask, clock }),
  });
  return {
    portal,
    application: clientOf('https://portal.example/rest/', { auth: 'token' }),
    webhook: clientOf(`https://portal.example${portal.webhookPath}`, {}),
  };
}

test('a line is added, listed, renamed and removed', async () => {
  const { application } = open();
  expect(await listLines(application)).toEqual({ ok: true, value: [] });
  expect(await addLine(application, { number: NUMBER, name: 'Callback', createsEntries: false })).toEqual({ ok: true, value: '1' });
  expect(await listLines(application)).toEqual({ ok: true, value: [{ number: NUMBER, name: 'Callback', createsEntries: false }] });
  expect(await updateLine(application, { number: NUMBER, name: 'Website' })).toMatchObject({ ok: true });
  expect(await listLines(application)).toEqual({ ok: true, value: [{ number: NUMBER, name: 'Website', createsEntries: false }] });
  expect(await removeLine(application, NUMBER)).toEqual({ ok: true, value: true });
  expect(await listLines(application)).toEqual({ ok: true, value: [] });
});

test('the portal’s own default for entries stays the portal’s', async () => {
  const { application, portal } = open();
  await addLine(application, { number: NUMBER });
  expect(portal.requests.at(-1)?.params).not.toHaveProperty('CRM_AUTO_CREATE');
  expect(await listLines(application)).toEqual({ ok: true, value: [{ number: NUMBER, name: '', createsEntries: true }] });
});

test.each([
  ['a line twice', 'external_line_exists', (client: Bitrix24Client) => addLine(client, { number: NUMBER })],
  [
    'the change of a line that is not there',
    'external_line_unknown',
    (client: Bitrix24Client) => updateLine(client, { number: '1', name: 'x' }),
  ],
  ['the removal of a line that is not there', 'external_line_unknown', (client: Bitrix24Client) => removeLine(client, '1')],
  ['a line without a number', 'external_line_empty', (client: Bitrix24Client) => addLine(client, { number: '' })],
])('%s is a fault of its own', async (_, code, act) => {
  const { application } = open();
  await addLine(application, { number: NUMBER });
  expect(await act(application)).toMatchObject({ ok: false, fault: { code } });
});

test('a webhook has no lines, and is told what has', async () => {
  const { webhook } = open();
  const fault = { code: 'application_wanted', configuration: true, message: expect.stringContaining('bitrix24_app') };
  expect(await listLines(webhook)).toMatchObject({ ok: false, fault });
  expect(await addLine(webhook, { number: NUMBER })).toMatchObject({ ok: false, fault });
});

test('an answer that is not the documented one is no list of lines', async () => {
  const { application, portal } = open();
  portal.misbehave('telephony.externalline.get', {
    kind: 'answer',
    status: 200,
    contentType: 'application/json',
    body: '{"result":"lines"}',
    executes: false,
  });
  expect(await listLines(application)).toMatchObject({ ok: false, fault: { code: 'answer_unreadable' } });
});
