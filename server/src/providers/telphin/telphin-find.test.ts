import { expect, test } from 'vitest';
import { Secret } from '../../config/secret.ts';
import { fakeClock } from '../../simulators/fake-clock.ts';
import { telphinHost } from '../../simulators/telphin/telphin-host.ts';
import type { FindQuery } from '../provider.ts';
import { telphin } from './telphin.ts';

const NUMBER = '+4915123456789';

function pair({ historyMs = 0 } = {}) {
  const clock = fakeClock();
  const host = telphinHost({ clock, appId: 'a99', appSecret: 's3cr3t', extensions: { '34535': '12037*341' }, historyMs });
  let atOnce = 0;
  let mostAtOnce = 0;
  const fetch = async (input: RequestInfo | URL, init?: RequestInit) => {
    const isHistory = String(input).includes('/call_history/');
    if (isHistory) mostAtOnce = Math.max(mostAtOnce, ++atOnce);
    try {
      return await host.app.fetch(new Request(input, init));
    } finally {
      if (isHistory) atOnce--;
    }
  };
  const provider = telphin({ name: 'main', host: 'https://telphin.test', appId: 'a99', appSecret: new Secret('s3cr3t'), fetch, clock });
  const query: FindQuery = { ref: undefined, number: NUMBER, line: '34535', from: clock.now() - 60_000, until: clock.now() + 90_000 };
  return { clock, host, provider, query, mostAtOnce: () => mostAtOnce };
}

function record(over: object = {}): object {
  return {
    call_uuid: '02abb9ee685a11ea94bfe17eb6eaecba',
    flow: 'out',
    result: 'bridged',
    bridged_duration: 5,
    extension_id: 34535,
    init_time_gmt: '2026-01-05 09:00:00',
    hangup_time_gmt: '2026-01-05 09:00:30',
    to_username: NUMBER,
    cdr: [{ application: 'callback', dest_number: NUMBER }],
    ...over,
  };
}

function stage(host: ReturnType<typeof telphinHost>, records: object[]): void {
  const body = JSON.stringify({ call_history: records });
  host.misbehave('history', { kind: 'answer', status: 200, contentType: 'application/json', body, executes: false });
}

test('readings of the history never run side by side', async () => {
  const { provider, query, mostAtOnce } = pair();
  const answers = await Promise.all(Array.from({ length: 8 }, () => provider.find(query)));
  expect(answers.every(({ ok }) => ok)).toBe(true);
  expect(mostAtOnce()).toBe(1);
});

test('who asks at the same time from elsewhere makes a reading fail, and no more', async () => {
  const { clock, provider, query } = pair({ historyMs: 1_000 });
  expect(await provider.find(query)).toMatchObject({ ok: true });
  expect(await provider.find(query)).toMatchObject({ ok: false, fault: { code: 'busy_for_others', configuration: false } });
  await clock.advance(1_000);
  expect(await provider.find(query)).toMatchObject({ ok: true });
});

test('a reading that hangs holds the next ones up, but not for ever', async () => {
  const { clock, host, provider, query } = pair();
  host.misbehave('history', { kind: 'hang', executes: false }, 2);
  const answers = Promise.all(Array.from({ length: 4 }, () => provider.find(query)));
  await clock.advance(30_000);
  const codes = (await answers).map((answer) => (answer.ok ? 'ok' : answer.fault.code));
  expect(codes).toEqual(['answer_too_late', 'answer_too_late', 'history_busy', 'history_busy']);
  expect((await provider.find(query)).ok).toBe(true);
});

test('the fields of a real record are understood', async () => {
  const { host, provider, query } = pair();
  stage(host, [record()]);
  expect(await provider.find(query)).toEqual({
    ok: true,
    value: { kind: 'ended', ref: '02abb9ee685a11ea94bfe17eb6eaecba', news: { kind: 'end', end: 'connected', talkedMs: 5_000 } },
  });
});

test.each<[string, object]>([
  ['of a visitor who rang the company up', { flow: 'in' }],
  ['of another extension', { extension_id: 1 }],
  ['of another time', { init_time_gmt: '2026-01-05 08:00:00' }],
  ['of a colleague who rang the visitor', { cdr: [{ application: 'dial', dest_number: NUMBER }] }],
  ['of another number', { to_username: '+4915123456780', cdr: [] }],
  ['without a time', { init_time_gmt: null }],
])('the record %s is nothing', async (_, over) => {
  const { host, provider, query } = pair();
  stage(host, [record(over)]);
  expect(await provider.find(query)).toEqual({ ok: true, value: { kind: 'nothing' } });
});

test('of several records, the one in which people talked is told', async () => {
  const { host, provider, query } = pair();
  stage(host, [
    record({ call_uuid: 'a1', result: 'busy', bridged_duration: null }),
    record({ call_uuid: 'a2' }),
    record({ call_uuid: 'a3', result: 'not answered', bridged_duration: null }),
  ]);
  expect(await provider.find(query)).toMatchObject({ value: { ref: 'a2', news: { end: 'connected' } } });
});

test('another record than the one asked for is nothing', async () => {
  const { host, provider, query } = pair();
  const body = JSON.stringify(record({ call_uuid: 'b7' }));
  host.misbehave('history', { kind: 'answer', status: 200, contentType: 'application/json', body, executes: false });
  expect(await provider.find({ ...query, ref: 'b8' })).toEqual({ ok: true, value: { kind: 'nothing' } });
});

test('an order whose answer was lost is found while it rings', async () => {
  const { host, provider, query } = pair();
  host.misbehave('callback', { kind: 'drop', executes: true });
  await provider.dial({ line: '34535', number: NUMBER, announcement: '' });
  const ref = host.telephones.dials[0]?.callId;
  expect(await provider.find(query)).toEqual({ ok: true, value: { kind: 'running', ref } });
});

test('a busy account is read page after page, and not without end', async () => {
  const { host, provider, query } = pair();
  const others = Array.from({ length: 20 }, (_, index) => record({ call_uuid: `c${index}`, to_username: '341', cdr: [] }));
  stage(host, others);
  stage(host, others);
  stage(host, [...others.slice(1), record()]);
  expect(await provider.find(query)).toMatchObject({ value: { kind: 'ended' } });
  for (let page = 0; page < 4; page++) stage(host, others);
  expect(await provider.find(query)).toMatchObject({ value: { kind: 'nothing' } });
  expect(host.requests.filter(({ resource }) => resource === 'history')).toHaveLength(6);
});
