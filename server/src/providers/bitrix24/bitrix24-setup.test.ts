import { expect, test } from 'vitest';
import { Secret } from '../../config/secret.ts';
import { type Bitrix24PortalOptions, bitrix24Portal } from '../../simulators/bitrix24/portal.ts';
import { fakeClock } from '../../simulators/fake-clock.ts';
import { bitrix24 } from './bitrix24.ts';

function pair(options: Partial<Bitrix24PortalOptions> = {}) {
  const clock = fakeClock();
  const portal = bitrix24Portal({
    clock,
    userId: '27',
    webhookSecret: 's3cr3t',
    lines: { reg151083: 'Office', sip12: 'Workshop' },
    voices: { ukenglishfemale: 'English, female' },
    ...options,
  });
  const fetch: typeof globalThis.fetch = async (input, init) => portal.app.fetch(new Request(input, init));
  return { portal, provider: bitrix24({ name: 'main', webhookUrl: new Secret('http://127.0.0.1/rest/27/s3cr3t/'), fetch, clock }) };
}

/** Code and sentence of everything that is not in order. */
async function complaints(options: Partial<Bitrix24PortalOptions>, line = 'reg151083'): Promise<[string, string][]> {
  const findings = await pair(options).provider.verify(line);
  return findings.filter(({ ok }) => !ok).map(({ code, message }) => [code, message]);
}

test('lines and voices as the portal has them', async () => {
  const { provider } = pair();
  expect(await provider.lines()).toEqual({
    ok: true,
    value: [
      { id: 'reg151083', name: 'Office' },
      { id: 'sip12', name: 'Workshop' },
    ],
  });
  expect(await provider.voices()).toEqual({ ok: true, value: [{ id: 'ukenglishfemale', name: 'English, female' }] });
});

test('no lines, which the portal writes as an empty list', async () => {
  expect(await pair({ lines: {} }).provider.lines()).toEqual({ ok: true, value: [] });
  expect(await complaints({ lines: {} })).toEqual([['no_lines', expect.stringContaining('Rent a number')]]);
});

test('names cannot rewrite the terminal of whoever reads them', async () => {
  const { provider } = pair({ lines: { reg1: '\u001b[2JOffice\u202e', reg2: 'x'.repeat(500), reg3: '' } });
  expect(await provider.lines()).toEqual({
    ok: true,
    value: [
      { id: 'reg1', name: '[2JOffice' },
      { id: 'reg2', name: 'x'.repeat(80) },
      { id: 'reg3', name: 'reg3' },
    ],
  });
});

test('all in order: what could be asked was asked, and what could not is said', async () => {
  const { portal, provider } = pair();
  const findings = await provider.verify('reg151083');
  expect(findings.map(({ ok, code }) => [ok, code])).toEqual([
    [true, 'webhook_works'],
    [true, 'scope_telephony'],
    [true, 'scope_call'],
    [true, 'line_found'],
    [true, 'statistics_readable'],
    [true, 'right_unchecked'],
  ]);
  expect(portal.requests.map(({ method }) => method)).toEqual(['scope', 'voximplant.line.get', 'voximplant.statistic.get']);
});

test('each thing that is missing is named, with what to change', async () => {
  expect(await complaints({ scopes: ['telephony'] })).toEqual([['scope_call_missing', expect.stringContaining('`call`')]]);
  expect(await complaints({ scopes: [] })).toEqual([
    ['scope_telephony_missing', expect.stringContaining('`telephony`')],
    ['scope_call_missing', expect.stringContaining('`call`')],
    ['scope_missing', expect.any(String)],
  ]);
  expect(await complaints({ rights: { manageNumbers: false } })).toEqual([['lines_hidden', expect.stringContaining('Manage numbers')]]);
  expect(await complaints({ rights: { callStatistics: false } })).toEqual([
    ['statistics_hidden', expect.stringContaining('Call statistics')],
  ]);
  expect(await complaints({}, 'reg000000')).toEqual([
    ['line_unknown', 'There is no line reg000000. Set the line to one of these: reg151083 (Office), sip12 (Workshop).'],
  ]);
  expect(await complaints({ plan: 'free' })).toEqual([['plan_without_rest', expect.any(String)]]);
  expect(await complaints({ webhookSecret: 'another' })).toEqual([['webhook_unknown', expect.any(String)]]);
});

test('answers of another shape are faults, not crashes', async () => {
  const { portal, provider } = pair();
  for (const body of ['{"result":"telephony"}', '{"result":null}', '{"result":[1,2]}', '<html>', '']) {
    for (const method of ['scope', 'voximplant.line.get', 'voximplant.tts.voices.get']) {
      portal.misbehave(method, { kind: 'answer', status: 200, contentType: 'application/json', body, executes: false });
    }
    expect(await provider.lines()).toMatchObject({ ok: false });
    expect(await provider.voices()).toMatchObject({ ok: false });
    const findings = await provider.verify('reg151083');
    expect(findings.some(({ ok }) => !ok)).toBe(true);
  }
});
