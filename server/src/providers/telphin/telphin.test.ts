import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { TelphinOptions } from '../../config/config.ts';
import { Secret } from '../../config/secret.ts';
import { fakeClock } from '../../simulators/fake-clock.ts';
import { type TelphinHostOptions, telphinHost } from '../../simulators/telphin/telphin-host.ts';
import type { DialOrder } from '../provider.ts';
import { telphin } from './telphin.ts';

const APP = { appId: 'a99', appSecret: 's3cr3t' };
const EXTENSIONS = { '34535': '12037*341', '34536': '12037*342' };
const NUMBER = '+4915123456789';
const ORDER: DialOrder = { line: '34535', number: NUMBER, announcement: 'Somebody wants a call.' };

/** A provider in front of a host in the same process. */
function pair(options: Partial<TelphinHostOptions> = {}) {
  const clock = fakeClock();
  const host = telphinHost({ clock, ...APP, extensions: EXTENSIONS, sounds: { '17': 'Website calls' }, ...options });
  const provider = telphin({
    name: 'main',
    host: 'https://telphin.test',
    appId: APP.appId,
    appSecret: new Secret(APP.appSecret),
    fetch: async (input, init) => host.app.fetch(new Request(input, init)),
    clock,
  });
  return { clock, host, provider };
}

const EVERY_OPTION: Required<TelphinOptions> = {
  srcNum: ['341', '+74951234567'],
  announceSoundId: 17,
  dstAnnounceSoundId: 18,
  callerIdName: 'Shop',
  callerIdNumber: '$cv({SHOWN})',
  srcCallerIdName: 'Website',
  srcCallerIdNumber: '4711',
  srcAni: '74951111111',
  dstAni: '74952222222',
  dstDtmf: '12#W*w',
  callDurationS: 3600,
  waitForPickupS: 25,
  transferAfterSrcHangup: '350',
  transferAfterDstHangup: '351',
  allowPublicTransfer: true,
  callbackRateLimit: 40,
  variables: { autoanswer: '4' },
};

test('every documented option goes out under its documented name', async () => {
  const { host, provider } = pair();
  expect((await provider.dial({ ...ORDER, telphin: EVERY_OPTION })).kind).toBe('placed');
  expect(host.orders).toEqual([
    {
      extensionId: '34535',
      fields: {
        src_num: ['341', '+74951234567'],
        dst_num: NUMBER,
        announce_sound_id: 17,
        dst_announce_sound_id: 18,
        caller_id_name: 'Shop',
        caller_id_number: '$cv({SHOWN})',
        src_caller_id_name: 'Website',
        src_caller_id_number: '4711',
        src_ani: '74951111111',
        dst_ani: '74952222222',
        dst_dtmf: '12#W*w',
        call_duration: 3600,
        wait_for_pickup: 25,
        transfer_after_src_hangup: '350',
        transfer_after_dst_hangup: '351',
        allow_public_transfer: true,
        callback_rate_limit: 40,
        variables: { autoanswer: '4' },
      },
    },
  ]);
});

test('without options the extension itself rings, and nobody may pass the call on', async () => {
  const { host, provider } = pair();
  await provider.dial(ORDER);
  await provider.dial(ORDER);
  expect(host.orders[0]?.fields).toEqual({ src_num: ['341'], dst_num: NUMBER, allow_public_transfer: false });
  expect(host.orders[1]?.fields).toEqual(host.orders[0]?.fields);
  // Its number was looked up once.
  expect(host.requests.map(({ resource }) => resource)).toEqual(['token', 'extension', 'callback', 'callback']);
});

test('the request is the documented one', async () => {
  const { host, provider } = pair();
  await provider.dial({ ...ORDER, telphin: { srcNum: ['341'] } });
  expect(host.requests).toMatchObject([
    { httpMethod: 'POST', path: '/oauth/token', contentType: 'application/x-www-form-urlencoded' },
    { httpMethod: 'POST', path: '/api/ver1.0/extension/34535/callback/', contentType: 'application/json', acceptEncoding: 'gzip' },
  ]);
});

test('a variable of the account may stand for the extension, if the agents are named', async () => {
  const { host, provider } = pair({ extensions: { '@{ext_id}': '12037*341' } });
  expect(await provider.dial({ ...ORDER, line: '@{ext_id}' })).toMatchObject({ kind: 'refused', fault: { code: 'agent_number_missing' } });
  expect((await provider.dial({ ...ORDER, line: '@{ext_id}', telphin: { srcNum: ['341'] } })).kind).toBe('placed');
  expect(host.orders[0]?.extensionId).toBe('@{ext_id}');
});

test('what is no extension and no number never reaches the host', async () => {
  const { host, provider } = pair();
  for (const line of ['', 'x', '34535/../1', '34535?', '@{}', '@{a}/b', ' 34535']) {
    expect(await provider.dial({ ...ORDER, line })).toMatchObject({ kind: 'refused', fault: { code: 'line_unfit' } });
  }
  await fc.assert(
    fc.asyncProperty(fc.string(), async (number) => {
      fc.pre(!/^\+[1-9]\d{3,14}$/.test(number));
      expect(await provider.dial({ ...ORDER, number })).toMatchObject({ kind: 'refused', fault: { problem: 'number_invalid' } });
    }),
  );
  expect(await provider.dial({ ...ORDER, number: '$cv({DST})' })).toMatchObject({ kind: 'refused' });
  expect(host.requests).toEqual([]);
});

test('a setting out of its range is refused before anything is asked', async () => {
  const { host, provider } = pair();
  const unfit: TelphinOptions[] = [
    { callbackRateLimit: 101 },
    { callbackRateLimit: -1 },
    { callDurationS: 0 },
    { waitForPickupS: 1.5 },
    { dstDtmf: '1a' },
    { srcNum: [] },
    { announceSoundId: Number.NaN },
  ];
  for (const options of unfit) {
    expect(await provider.dial({ ...ORDER, telphin: options })).toMatchObject({ kind: 'refused', fault: { code: 'setting_unfit' } });
  }
  expect(host.requests).toEqual([]);
});

test('the words for the agent stay here: the platform speaks no text', async () => {
  const { host, provider } = pair();
  await provider.dial({ ...ORDER, announcement: 'Marker $cv({X})' });
  expect(host.requests.map(({ body }) => body).join()).not.toContain('Marker');
  expect(await provider.voices()).toMatchObject({ ok: false, fault: { code: 'voices_missing' } });
});

test('with all of the limit kept free, every callback is declined, and nobody rings', async () => {
  const { host, provider } = pair();
  const outcome = await provider.dial({ ...ORDER, telphin: { callbackRateLimit: 100 } });
  expect(outcome).toMatchObject({ kind: 'not_sent', fault: { code: 'callback_limit' } });
  expect(host.telephones.dials).toEqual([]);
});

test('an extension that is not there is refused before the dial', async () => {
  const { host, provider } = pair();
  expect(await provider.dial({ ...ORDER, line: '99' })).toMatchObject({ kind: 'refused', fault: { code: 'line_unknown' } });
  expect(host.requests.map(({ resource }) => resource)).not.toContain('callback');
});

test('a host that does not tell the number of the extension in time: nothing is dialled, and it may be tried again', async () => {
  const { clock, host, provider } = pair();
  host.misbehave('extension', { kind: 'hang', executes: false });
  const dialling = provider.dial(ORDER);
  await clock.advance(4_000);
  expect(await dialling).toMatchObject({ kind: 'not_sent' });
  expect(host.telephones.dials).toEqual([]);
});

test('a used-up quota is heeded before it is asked again, until it begins anew', async () => {
  const { clock, host, provider } = pair({ hourlyQuota: 2 });
  const order = { ...ORDER, telphin: { srcNum: ['341'] } };
  await provider.dial(order);
  await provider.dial(order);
  const retryAt = clock.now() + 3_600_000;
  const asked = host.requests.length;
  expect(await provider.dial(order)).toMatchObject({ kind: 'not_sent', fault: { code: 'quota_used_up' }, retryAt });
  expect(host.requests).toHaveLength(asked);
  await clock.advance(3_600_000);
  expect((await provider.dial(order)).kind).toBe('placed');
});

test('a quota that somebody else has used up says when to come back', async () => {
  const { clock, host, provider } = pair({ hourlyQuota: 100 });
  host.misbehave('callback', { kind: 'error', name: 'quota' });
  const outcome = await provider.dial({ ...ORDER, telphin: { srcNum: ['341'] } });
  expect(outcome).toMatchObject({ kind: 'not_sent', fault: { code: 'quota_used_up' }, retryAt: clock.now() + 3_600_000 });
});

test('extensions and recordings are listed through all their pages', async () => {
  const many = Object.fromEntries(Array.from({ length: 120 }, (_, index) => [String(1000 + index), `12037*${index + 100}`]));
  const { provider } = pair({ extensions: many, sounds: { '17': 'Website\u001b[31m calls', '18': '' } });
  const lines = await provider.lines();
  expect(lines.ok && lines.value).toHaveLength(120);
  expect(lines.ok && lines.value.at(-1)).toEqual({ id: '1119', name: '12037*219' });
  expect(await provider.sounds()).toEqual({
    ok: true,
    value: [
      { id: '17', name: 'Website[31m calls' },
      { id: '18', name: '18.wav' },
    ],
  });
});

test('the set-up says what is missing', async () => {
  const codes = async (options: Partial<TelphinHostOptions>, line = '34535') =>
    (await pair(options).provider.verify(line)).filter(({ ok }) => !ok).map(({ code }) => code);
  expect(await codes({})).toEqual([]);
  expect(await codes({}, '1')).toEqual(['line_unknown']);
  expect(await codes({ extensions: {} })).toEqual(['no_lines']);
  expect(await codes({ mayReadHistory: false })).toEqual(['app_may_not']);
  expect(await codes({ appSecret: 'another' })).toEqual(['app_refused']);
});

test('a telephone that is not signed in is found, unless another one rings as well', async () => {
  const extensions = { '34535': '12037*341', '34536': '12037*342' };
  const telephone = async (srcNum: string[] | undefined, offline: string[], options: Partial<TelphinHostOptions> = {}) => {
    const findings = await pair({ extensions, offline, ...options }).provider.verify('34535', { srcNum });
    return findings.filter(({ code }) => /telephone|registration/.test(code)).map(({ ok, code }) => [ok, code]);
  };
  expect(await telephone(undefined, [])).toEqual([[true, 'telephone_registered']]);
  expect(await telephone(undefined, ['34535'])).toEqual([[false, 'telephone_offline']]);
  expect(await telephone(['341', '342'], ['34535'])).toEqual([[true, 'telephone_registered']]);
  expect(await telephone(['342'], ['34535'])).toEqual([[true, 'telephone_registered']]);
  expect(await telephone(['341', '12037*342'], ['34535', '34536'])).toEqual([[false, 'telephone_offline']]);
  // A mobile telephone, and a variable, are not signed in anywhere.
  expect(await telephone(['341', '+79261234567'], ['34535'])).toEqual([[true, 'registration_unchecked']]);
  expect(await telephone(['$cv({WHO})'], ['34535'])).toEqual([[true, 'registration_unchecked']]);
});

test('where the host does not tell whether a telephone is signed in, a person is to look', async () => {
  const { host, provider } = pair();
  for (const body of ['{}', '[]', '{"registered":"no"}', '<html>']) {
    host.misbehave('registration', { kind: 'answer', status: 200, contentType: 'application/json', body, executes: false });
    expect((await provider.verify('34535')).map(({ ok, code }) => [ok, code])).toContainEqual([true, 'registration_unchecked']);
  }
  host.misbehave('registration', { kind: 'error', name: 'forbidden' });
  expect((await provider.verify('34535')).filter(({ ok }) => !ok)).toEqual([]);
});

test('fifty first dials look the number of the extension up once, and after ten minutes it is looked up anew', async () => {
  const { clock, host, provider } = pair();
  const lookUps = () => host.requests.filter(({ resource }) => resource === 'extension').length;
  const outcomes = await Promise.all(Array.from({ length: 50 }, () => provider.dial(ORDER)));
  expect(outcomes.filter(({ kind }) => kind !== 'placed')).toEqual([]);
  expect(lookUps()).toBe(1);
  await clock.advance(599_999);
  await provider.dial(ORDER);
  expect(lookUps()).toBe(1);
  await clock.advance(1);
  await provider.dial(ORDER);
  expect(lookUps()).toBe(2);
});

test('a look-up that failed is not remembered', async () => {
  const { host, provider } = pair();
  host.misbehave('extension', { kind: 'error', name: 'busy' });
  expect(await provider.dial(ORDER)).toMatchObject({ kind: 'not_sent' });
  expect((await provider.dial(ORDER)).kind).toBe('placed');
});

test('a call that goes on can be broken off, by the process that dialled it and by another', async () => {
  const { host, provider } = pair();
  const dialAndRead = async () => {
    const outcome = await provider.dial(ORDER);
    const { ref, controlRef } = outcome.kind === 'placed' ? outcome : {};
    return { line: '34535', number: NUMBER, ref, controlRef };
  };
  // By the id that came for this purpose nothing has to be looked up, whoever asks.
  expect(await provider.hangUp?.({ ...(await dialAndRead()), ref: undefined })).toEqual({ kind: 'asked' });
  expect(host.requests.filter(({ httpMethod, resource }) => httpMethod === 'GET' && resource === 'current_calls')).toEqual([]);
  const call = { ...(await dialAndRead()), controlRef: undefined };
  const fetch = async (input: RequestInfo | URL, init?: RequestInit) => host.app.fetch(new Request(input, init));
  const application = { appId: APP.appId, appSecret: new Secret(APP.appSecret) };
  const other = telphin({ name: 'main', host: 'https://telphin.test', ...application, fetch, clock: fakeClock() });
  expect(await other.hangUp?.({ ...call, ref: 'ffff' })).toEqual({ kind: 'not_running' });
  expect(await other.hangUp?.(call)).toEqual({ kind: 'asked' });
  expect(await other.hangUp?.(call)).toEqual({ kind: 'not_running' });
  // Where no id of the call came back, it is known by the number that it was made to.
  host.misbehave('callback', { kind: 'without_call_id' });
  const nameless = { ...(await dialAndRead()), controlRef: undefined };
  expect(nameless.ref).toBeUndefined();
  expect(await other.hangUp?.({ ...nameless, number: `${NUMBER}0` })).toEqual({ kind: 'not_running' });
  expect(await other.hangUp?.(nameless)).toEqual({ kind: 'asked' });
  expect(host.telephones.dials.map(({ endedAt }) => endedAt === undefined)).toEqual([false, false, false]);
});

test('a host that does not let a call be broken off is told of', async () => {
  const { host, provider } = pair();
  const call = { line: '34535', number: NUMBER, ref: undefined, controlRef: undefined };
  for (const name of ['accessDenied', 'crash'] as const) {
    host.misbehave('current_calls', { kind: 'error', name });
    expect(await provider.hangUp?.(call)).toMatchObject({ kind: 'failed', fault: { code: expect.any(String) } });
  }
  expect(await provider.hangUp?.({ ...call, line: '../1' })).toMatchObject({ kind: 'failed', fault: { code: 'line_unfit' } });
});

test('a host that cannot be right stops the start', () => {
  const make = (host: string) => () => telphin({ name: 'main', host, ...APP, appSecret: new Secret('x'), fetch, clock: fakeClock() });
  for (const host of [
    '',
    'apiproxy.telphin.ru',
    'http://apiproxy.telphin.ru',
    'https://a/api',
    'https://u:p@a',
    'https://a?b',
    'ftp://a',
  ]) {
    expect(make(host), host).toThrow(/^The host of Telphin /);
  }
  for (const host of ['https://apiproxy.telphin.ru', 'https://apiproxy.telphin.ru/', 'http://127.0.0.1:9'])
    expect(make(host)).not.toThrow();
});
