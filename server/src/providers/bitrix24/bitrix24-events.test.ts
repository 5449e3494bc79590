import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Secret } from '../../config/secret.ts';
import { readCallId, readEvent } from './bitrix24-events.ts';

const TOKEN = 't0k3n';
const FORM = 'application/x-www-form-urlencoded';
const CALL_ID = 'callback.72f42b118e019a4cc47629ff60525f43.1773736077';

interface Delivery {
  event: string;
  data: Record<string, string>;
  auth: Record<string, string>;
}

function delivery(event: string, data: Record<string, string> = {}, token = TOKEN): Delivery {
  return { event, data: { CALL_ID, ...data }, auth: { domain: 'acme.bitrix24.com', member_id: 'm', application_token: token } };
}

function fieldsOf({ event, data, auth }: Delivery): [string, string][] {
  return [
    ['event', event],
    ['event_handler_id', '12'],
    ...Object.entries(data).map(([key, value]): [string, string] => [`data[${key}]`, value]),
    ['ts', '1773736078'],
    ...Object.entries(auth).map(([key, value]): [string, string] => [`auth[${key}]`, value]),
  ];
}

function read(body: string, contentType = FORM, token: string | undefined = TOKEN) {
  return readEvent(contentType, body, token === undefined ? undefined : new Secret(token));
}

const readForm = (given: Delivery) => read(new URLSearchParams(fieldsOf(given)).toString());

test('the portal says who rings and who answered', () => {
  expect(readForm(delivery('ONVOXIMPLANTCALLINIT', { CALL_TYPE: '2', CALLER_ID: '+4915123456789' }))).toEqual({
    kind: 'event',
    event: { ref: CALL_ID, number: '+4915123456789', news: { kind: 'step', step: 'agent_ringing' } },
  });
  expect(readForm(delivery('OnVoximplantCallStart', { USER_ID: '1' }))).toEqual({
    kind: 'event',
    event: { ref: CALL_ID, news: { kind: 'step', step: 'agent_answered' } },
  });
});

test('an end comes with all that its row in the statistics says', () => {
  const data = {
    CALL_TYPE: '4',
    PHONE_NUMBER: '4915123456789',
    CALL_START_DATE: '2026-03-17T11:27:57+03:00',
    CALL_FAILED_CODE: '200',
    CALL_DURATION: '61',
    COST: '0.0720',
    COST_CURRENCY: 'EUR',
  };
  expect(readForm(delivery('ONVOXIMPLANTCALLEND', data))).toEqual({
    kind: 'event',
    event: {
      ref: CALL_ID,
      number: '+4915123456789',
      beganAt: Date.UTC(2026, 2, 17, 8, 27, 57),
      news: { kind: 'end', end: 'connected', talkedMs: 61_000, cost: { amount: 8, currency: 'EUR' } },
    },
  });
});

test("the visitor's number is read of callbacks alone, and from where the leg has it", () => {
  const numberIn = (event: string, data: Record<string, string>) => {
    const given = readForm(delivery(event, data));
    return given.kind === 'event' ? given.event.number : given.kind;
  };
  const line = '4930123456';
  const visitor = '4915123456789';
  const incoming = { CALL_TYPE: '2', PHONE_NUMBER: line, CALLER_ID: visitor };
  expect(numberIn('ONVOXIMPLANTCALLINIT', incoming)).toBe(`+${visitor}`);
  expect(numberIn('ONVOXIMPLANTCALLINIT', { CALL_TYPE: '4', PHONE_NUMBER: visitor, CALLER_ID: line })).toBe(`+${visitor}`);
  expect(numberIn('ONVOXIMPLANTCALLEND', { CALL_TYPE: '4', PHONE_NUMBER: visitor, CALL_ID: 'redial.1' })).toBe(`+${visitor}`);
  // A visitor who rings the company up, and a colleague who rings the visitor.
  expect(numberIn('ONVOXIMPLANTCALLINIT', { ...incoming, CALL_ID: 'externalCall.1' })).toBeUndefined();
  expect(numberIn('ONVOXIMPLANTCALLEND', { CALL_TYPE: '1', PHONE_NUMBER: visitor, CALL_ID: 'call.1' })).toBeUndefined();
  expect(numberIn('ONVOXIMPLANTCALLINIT', { CALL_TYPE: '4', PHONE_NUMBER: 'reg1332' })).toBeUndefined();
});

test('form and JSON say the same, in whatever order the fields come', () => {
  const events = fc.constantFrom('ONVOXIMPLANTCALLINIT', 'ONVOXIMPLANTCALLSTART', 'ONVOXIMPLANTCALLEND', 'ONCRMLEADADD');
  const data = fc.record({ CALL_FAILED_CODE: fc.constantFrom('200', '304', '486', 'x'), CALL_DURATION: fc.constantFrom('0', '17') });
  fc.assert(
    fc.property(events, data, fc.infiniteStream(fc.nat()), (event, details, order) => {
      const given = delivery(event, details);
      const shuffled = fieldsOf(given)
        .map((field) => ({ field, at: order.next().value as number }))
        .sort((a, b) => a.at - b.at)
        .map(({ field }) => field);
      const plain = readForm(given);
      expect(read(new URLSearchParams(shuffled).toString(), `${FORM}; charset=UTF-8`)).toEqual(plain);
      expect(read(JSON.stringify(given), 'Application/JSON')).toEqual(plain);
    }),
  );
});

test('without the right token every delivery is forged, whatever else it says', () => {
  for (const token of ['', 'T0K3N', 't0k3', 't0k3nn', ' t0k3n', 'undefined', 'null']) {
    expect(readForm(delivery('ONVOXIMPLANTCALLEND', {}, token))).toEqual({ kind: 'forged' });
  }
  const given = delivery('ONVOXIMPLANTCALLINIT');
  const body = new URLSearchParams(fieldsOf(given)).toString();
  expect(read(body, FORM, 'another')).toEqual({ kind: 'forged' });
  expect(readEvent(FORM, body, undefined)).toEqual({ kind: 'forged' });
  expect(readEvent(FORM, body, new Secret(''))).toEqual({ kind: 'forged' });
  expect(readEvent(FORM, body.replace(TOKEN, ''), new Secret(''))).toEqual({ kind: 'forged' });
  expect(read(body, 'text/plain')).toEqual({ kind: 'forged' });
  expect(read(body, 'multipart/form-data; boundary=x')).toEqual({ kind: 'forged' });
  expect(read(body, '')).toEqual({ kind: 'forged' });
});

test('a token that is not a string is no token', () => {
  for (const token of [[TOKEN], { 0: TOKEN }, true, null]) {
    expect(read(JSON.stringify({ ...delivery('ONVOXIMPLANTCALLINIT'), auth: { application_token: token } }), 'application/json')).toEqual({
      kind: 'forged',
    });
  }
});

test('what says nothing about a call of ours is ignored', () => {
  expect(readForm(delivery('ONCRMLEADADD'))).toEqual({ kind: 'ignored' });
  expect(readForm(delivery(''))).toEqual({ kind: 'ignored' });
  for (const id of ['', '4915123456789', '+4915123456789', 'a b', '../x', 'x'.repeat(129), 'callback.<script>']) {
    expect(readForm(delivery('ONVOXIMPLANTCALLINIT', { CALL_ID: id }))).toEqual({ kind: 'ignored' });
  }
});

test('names of fields reach no prototype', () => {
  const hostile =
    '__proto__[application_token]=x&auth[__proto__][application_token]=x&constructor[prototype][polluted]=x&data[__proto__]=x';
  expect(read(hostile)).toEqual({ kind: 'forged' });
  expect(read('{"__proto__":{"application_token":"x"},"auth":{"__proto__":{"application_token":"t0k3n"}}}', 'application/json')).toEqual({
    kind: 'forged',
  });
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  expect(({} as { application_token?: unknown }).application_token).toBeUndefined();
});

test('never throws, and without the token never believes', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      'event=',
      'data[',
      'CALL_ID',
      ']',
      '=',
      '&',
      'auth[application_token]=',
      '%',
      '%F',
      '+',
      '{',
      '"',
      ':',
      '}',
      '\u0000',
      '[]',
    ),
    fc.string({ maxLength: 6, unit: 'binary' }),
  );
  const types = fc.oneof(fc.constantFrom(FORM, 'application/json', ';', ''), fc.string());
  fc.assert(
    fc.property(
      types,
      fc.oneof(
        fc.array(piece).map((pieces) => pieces.join('')),
        fc.json(),
      ),
      (type, body) => {
        expect(read(body, type, '9f8e7d6c5b4a')).toEqual({ kind: 'forged' });
        expect(['ignored', 'event']).toContain(read(`${body}&auth[application_token]=${TOKEN}`).kind);
      },
    ),
    { numRuns: 1000 },
  );
});

test('an id is a few words with dots between', () => {
  expect(readCallId(CALL_ID)).toBe(CALL_ID);
  for (const id of [undefined, null, 1773736077, {}, '', '1773736077', '1.2', 'callback', 'callback.', '.callback', 'a..b', 'a.b ']) {
    expect(readCallId(id)).toBeUndefined();
  }
});
