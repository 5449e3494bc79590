import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readEvent, type StartedCall } from './telphin-events.ts';

const FORM = 'application/x-www-form-urlencoded';
const REF = '02abb9ee685a11ea94bfe17eb6eaecba';
const STARTED: StartedCall = { ref: REF, number: '+4915123456789', agents: ['341'], goesOn: false, visitorWasRung: false };

/** As the process reads it that dialled, unless told otherwise. */
function read(fields: Record<string, string>, started: StartedCall | undefined = STARTED) {
  const body = new URLSearchParams({ CallID: REF, ...fields }).toString();
  return readEvent(FORM, body, (ref) => (ref.toLowerCase() === started?.ref ? { ...started } : undefined));
}

const agent = { CalledNumber: '341', CallFlow: 'IN' };
const visitor = { CalledNumber: '4915123456789', CallFlow: 'OUT' };
const step = (name: string) => ({ kind: 'event', event: { ref: REF, news: { kind: 'step', step: name } } });
const missed = (fault: string) => ({ kind: 'event', event: { ref: REF, news: { kind: 'end', end: 'missed', fault } } });
const CONNECTED = { kind: 'event', event: { ref: REF, news: { kind: 'end', end: 'connected' } } };
const IGNORED = { kind: 'ignored' };

test.each<[string, Record<string, string>, object]>([
  ["the agent's telephone rings", { EventType: 'dial-in', ...agent }, step('agent_ringing')],
  ["an agent's mobile telephone rings", { EventType: 'dial-out', CalledNumber: '79990000000', CallFlow: 'OUT' }, step('agent_ringing')],
  ['the agent answers', { EventType: 'answer', ...agent }, step('agent_answered')],
  ["the visitor's telephone rings", { EventType: 'dial-out', ...visitor }, step('visitor_ringing')],
  ['with a plus', { EventType: 'dial-out', ...visitor, CalledNumber: '+4915123456789' }, step('visitor_ringing')],
  ['the visitor answers', { EventType: 'answer', ...visitor }, step('visitor_ringing')],
  ['the end of a conversation', { EventType: 'hangup', ...visitor, CallStatus: 'ANSWER', Bridged: 'true' }, CONNECTED],
  ['the other leg of it', { EventType: 'hangup', ...agent, CallStatus: 'ANSWER', Bridged: '1' }, CONNECTED],
  ['the visitor lets it ring', { EventType: 'hangup', ...visitor, CallStatus: 'NOANSWER', Bridged: 'false' }, missed('not_answered')],
  ['the visitor is busy', { EventType: 'hangup', ...visitor, CallStatus: 'BUSY' }, missed('busy')],
  ['the visitor cannot be reached', { EventType: 'hangup', ...visitor, CallStatus: 'CHANUNAVAIL' }, missed('temporarily_unavailable')],
  ['no way there', { EventType: 'hangup', ...visitor, CallStatus: 'CONGESTION' }, missed('temporarily_unavailable')],
  ['broken off', { EventType: 'hangup', ...visitor, CallStatus: 'CANCEL' }, missed('cancelled')],
  ['the only agent lets it ring', { EventType: 'hangup', ...agent, CallStatus: 'NOANSWER' }, missed('agent_not_answered')],
  ['a leg that was answered and not put through', { EventType: 'hangup', ...agent, CallStatus: 'ANSWER', Bridged: 'false' }, IGNORED],
  ['a voice message', { EventType: 'voicemail', ...agent }, IGNORED],
  ['a state of an extension', { EventType: 'extension-call-status', ...agent }, IGNORED],
])('%s', (_, fields, reading) => {
  expect(read(fields)).toEqual(reading);
});

test('of several agents that ring at once, one who hangs up ends nothing', () => {
  const hangup = { EventType: 'hangup', ...agent, CallStatus: 'CANCEL' };
  expect(read(hangup, { ...STARTED, agents: ['341', '342'] })).toEqual(IGNORED);
  expect(read({ EventType: 'hangup', ...visitor, CallStatus: 'BUSY' }, { ...STARTED, agents: ['341', '342'] })).toEqual(missed('busy'));
});

test('once the visitor was rung, only the leg of the visitor ends the call', () => {
  const call = { ...STARTED };
  const tell = (fields: Record<string, string>) => readEvent(FORM, new URLSearchParams({ CallID: REF, ...fields }).toString(), () => call);
  tell({ EventType: 'answer', ...agent });
  tell({ EventType: 'answer', ...visitor });
  const colleague = { CalledNumber: '342', CallFlow: 'IN' };
  for (const leg of [colleague, agent]) {
    expect(tell({ EventType: 'hangup', ...leg, CallStatus: 'NOANSWER', Bridged: 'false' })).toEqual(IGNORED);
    expect(tell({ EventType: 'hangup', ...leg, CallStatus: 'ANSWER', Bridged: 'true' })).toEqual(IGNORED);
  }
  expect(tell({ EventType: 'hangup', ...visitor, CallStatus: 'ANSWER', Bridged: 'true' })).toEqual(CONNECTED);
});

test('before that, only the agent whom the order names does, however its number is written', () => {
  const hangup = { EventType: 'hangup', CallFlow: 'IN', CallStatus: 'NOANSWER' };
  const queue = { ...STARTED, agents: ['500'] };
  // The members of a queue ring one after the other.
  expect(read({ ...hangup, CalledNumber: '341' }, queue)).toEqual(IGNORED);
  expect(read(hangup)).toEqual(IGNORED);
  expect(read({ ...hangup, CalledNumber: '12037*341' })).toEqual(missed('agent_not_answered'));
  expect(read({ ...hangup, CalledNumber: '79261234567' }, { ...STARTED, agents: ['+79261234567'] })).toEqual(missed('agent_not_answered'));
  expect(read({ ...hangup, CalledNumber: '341' }, { ...STARTED, agents: ['$cv({WHO})'] })).toEqual(IGNORED);
});

test('where somebody else is rung afterwards, a leg that hangs up ends nothing', () => {
  expect(read({ EventType: 'hangup', ...visitor, CallStatus: 'BUSY' }, { ...STARTED, goesOn: true })).toEqual(IGNORED);
});

test('a process that has not dialled says no more than it can know', () => {
  const elsewhere = (fields: Record<string, string>) =>
    readEvent(FORM, new URLSearchParams({ CallID: REF, ...fields }).toString(), () => undefined);
  expect(elsewhere({ EventType: 'dial-in', ...agent })).toEqual(step('agent_ringing'));
  expect(elsewhere({ EventType: 'answer', ...agent })).toEqual(step('agent_answered'));
  // It may be the mobile telephone of an agent.
  expect(elsewhere({ EventType: 'dial-out', ...visitor })).toEqual(IGNORED);
  expect(elsewhere({ EventType: 'hangup', ...visitor, CallStatus: 'BUSY' })).toEqual(IGNORED);
  // Two have talked, but they may have been an agent and a colleague.
  expect(elsewhere({ EventType: 'hangup', ...visitor, CallStatus: 'ANSWER', Bridged: 'true' })).toEqual(IGNORED);
});

test('the id of the order counts wherever it stands, and however it is written', () => {
  expect(read({ EventType: 'dial-in', ...agent, CallID: 'ffff', CallBackID: REF })).toEqual(step('agent_ringing'));
  expect(read({ EventType: 'dial-in', ...agent, CallID: REF, CallBackID: 'ffff' })).toEqual(step('agent_ringing'));
  expect(read({ EventType: 'dial-in', ...agent, CallID: REF.toUpperCase() })).toEqual(step('agent_ringing'));
});

test('an id that could be a telephone number is no id', () => {
  expect(read({ EventType: 'dial-in', ...agent, CallID: '4915123456789' })).toEqual(IGNORED);
});

test('whatever comes, nothing is thrown and nothing is invented', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (type, body) => {
      expect(readEvent(type, body, () => STARTED)).toEqual(IGNORED);
    }),
  );
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom('EventType', 'CallID', 'CallStatus', 'Bridged', '__proto__'), fc.string()), (fields) => {
      const { kind } = readEvent(FORM, new URLSearchParams(fields).toString(), () => undefined);
      expect(kind).toBe('ignored');
    }),
  );
});
